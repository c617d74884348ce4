"""Lazy layers in nested nn.Sequential, made by one helper; one ReLU module is shared."""

from torch import nn

relu = nn.ReLU()


def block(width: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(nn.LazyLinear(width), nn.Sequential(relu, nn.Dropout(dropout)))


def mlp(*widths: int, dropout: float = 0.1) -> nn.Sequential:
    return nn.Sequential(nn.Flatten(), nn.Identity(), *(block(width, dropout) for width in widths), nn.LazyLinear(10))


def narrow_mlp() -> nn.Module:
    return mlp(60, 40, dropout=0.0)


def two_layer_mlp() -> nn.Module:
    return mlp(160, 40)


def deep_mlp() -> nn.Module:
    return mlp(400, 300, 200, 100, dropout=0.2)


def budget_cnn() -> nn.Module:
    maps = [nn.Conv2d(1, 8, 3), relu, nn.LazyBatchNorm2d(), nn.MaxPool2d(2)]
    maps += [nn.LazyConv2d(24, 3, groups=2), relu, nn.LazyBatchNorm2d(), nn.MaxPool2d(2)]
    return nn.Sequential(nn.Sequential(*maps), nn.Dropout(0.1), nn.Flatten(), nn.LazyLinear(10))
