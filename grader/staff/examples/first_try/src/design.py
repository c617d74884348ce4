from torch import nn


def narrow_mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 80), nn.ReLU(), nn.Linear(80, 10))


def two_layer_mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 120), nn.Linear(120, 60), nn.ReLU(), nn.Linear(60, 10))


def deep_mlp():
    layers = [nn.Flatten()]
    width = 784
    for new_width in (512, 256, 128):
        layers += [nn.Linear(width, new_width), nn.ReLU(), nn.Dropout(0.3)]
        width = new_width
    layers += [nn.Linear(width, 10), nn.Softmax(dim=1)]
    return nn.Sequential(*layers)


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 16, 3, padding=1)
        self.norm = nn.BatchNorm2d(16)
        self.pool = nn.MaxPool2d(2)
        self.hidden = nn.Linear(16 * 14 * 14, 400)
        self.dropout = nn.Dropout(0.4)
        self.output = nn.Linear(400, 10)

    def forward(self, x):
        x = self.pool(self.norm(self.conv(x)).relu())
        x = self.hidden(x.flatten(1)).relu()
        return self.output(self.dropout(x))


def budget_cnn():
    return CNN()
