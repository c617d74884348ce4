"""The expected numbers of the report's questions, counted again with torch and the reference."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from data.dogs import DogsDataset
from data.pentagons import PENTAGONS
from grader.judging.reference import solution_file
from grader.staff.grading.numbers import read_answers
from grader.staff.tests.exercises.test_solution import load

ANSWERS = read_answers()


def accepts(key, value):
    """Whether the report gets points for this value of the key."""
    return ANSWERS[key].accepts(value)


def layers_of(model):
    return [module for module in model.modules() if any(True for _ in module.parameters(recurse=False))]


def parameters(model):
    return [sum(parameter.numel() for parameter in layer.parameters(recurse=False)) for layer in layers_of(model)]


def heights(layers, side, channels):
    """The height of a square image after each layer."""
    x, found = torch.zeros(1, channels, side, side), []
    for layer in layers:
        x = layer(x)
        found.append(x.shape[-1])
    return found


def test_parameters_of_the_networks():
    models = load(solution_file("models"))
    assert accepts("synth_parameters", parameters(models.SynthClassifier([5, 3, 3], [1, 1, 1])))
    assert accepts("fashion_parameters", parameters(models.FashionCNN()))
    assert accepts("lenet_parameters", parameters(models.LeNet5()))
    vgg, cats = parameters(models.SmallVGG()), parameters(models.CatDogVGG())
    assert accepts("vgg_conv_parameters", vgg[:6]) and accepts("vgg_linear_parameters", vgg[6:])
    assert accepts("catdog_conv_parameters", cats[:7]) and accepts("catdog_linear_parameters", cats[7:])
    assert accepts("catdog_inputs_96", 256 * (96 // 2**4) ** 2)


@pytest.mark.parametrize(
    ("name", "arguments", "start"),
    [("DogClassifierFC", (), "dogs_fc"), ("DogClassifierConv", ([5, 3], [1, 2]), "dogs_conv")],
)
def test_weights_and_biases_of_the_dogs_networks(name, arguments, start):
    layers = layers_of(getattr(load(solution_file("models")), name)(*arguments))
    assert accepts(f"{start}_weights", [layer.weight.numel() for layer in layers])
    assert accepts(f"{start}_biases", [layer.bias.numel() for layer in layers])


def test_sizes_of_convolutions():
    layer = nn.Conv2d(3, 8, (7, 3), stride=(3, 2), padding=(2, 4))
    assert accepts("conv_output", list(layer(torch.zeros(20, 3, 40, 40)).shape))
    assert accepts("conv_weights", layer.weight.numel()) and accepts("conv_biases", layer.bias.numel())
    dogs = [nn.Conv2d(3, 16, 5), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, stride=2), nn.MaxPool2d(2)]
    assert accepts("dogs_conv_heights", heights(dogs, 64, 3))
    filters = nn.Conv2d(3, 8, 7)
    assert accepts("filters_parameters", parameters(filters)[0])
    assert accepts("filters_output", list(filters(torch.zeros(3, 36, 36)).shape))


def test_sizes_in_the_autoencoder():
    model = load(solution_file("autoencoder")).Autoencoder()
    counts = [layer for layer in (*model.encoder, *model.decoder) if not isinstance(layer, nn.ReLU | nn.Tanh)]
    found = heights(counts, 40, 1)
    assert accepts("encoder_heights", found[:4]) and accepts("decoder_heights", found[4:])
    assert accepts("autoencoder_parameters", parameters(model))
    assert accepts("code_factor", 28 * 28 / model.encoder(torch.zeros(1, 1, 28, 28)).numel())


def test_fully_connected_networks():
    numpy_mlp = load(solution_file("numpy_mlp")).NumpyMLP()
    pairs = zip(numpy_mlp.weights, numpy_mlp.biases, strict=True)
    assert accepts("mlp_layer_parameters", [weight.size + bias.size for weight, bias in pairs])
    widths = [(784, 150, 50, 10), (784, 50, 150, 10)]
    chains = [nn.Sequential(*(nn.Linear(a, b) for a, b in pairwise(w))) for w in widths]
    assert accepts("mlp_parameters", [sum(parameters(chain)) for chain in chains])


def test_pooling_and_padding():
    image = torch.zeros(1, 4, 4)
    image[:, :3, :3] = 4
    images = [image, image.flip(2), image.flip(1, 2), image.flip(1)]
    assert accepts("max_pooled", [F.max_pool2d(image, 2)[0].tolist() for image in images])
    assert accepts("average_pooled", [F.avg_pool2d(image, 2)[0].tolist() for image in images])
    outputs = []
    for padding, key in ((0, "windows_without_padding"), (2, "windows_with_padding")):
        image = torch.zeros(1, 1, 20, 20, requires_grad=True)
        windows = F.conv2d(image, torch.ones(1, 1, 5, 5), padding=padding)
        windows.sum().backward()
        assert accepts(key, image.grad[0, 0, [0, 10], [0, 10]].tolist())
        outputs.append(windows.shape[-1])
    assert accepts("padding_heights", outputs)


@pytest.mark.slow
def test_gradients_and_derivatives():
    logit = torch.tensor(math.log(0.01 / 0.99), dtype=torch.float64, requires_grad=True)
    p = torch.sigmoid(logit)
    gradients = [torch.autograd.grad(loss, logit, retain_graph=True)[0].item() for loss in (-p.log(), (1 - p) ** 2)]
    assert accepts("logit_gradients", gradients)
    points = torch.tensor([0.0, 10.0], dtype=torch.float64, requires_grad=True)
    torch.sigmoid(points).sum().backward()
    assert accepts("sigmoid_derivatives", points.grad.tolist())
    assert accepts("product_values", [x * (1 - x) for x in (0.2, 0.5, 0.9)])
    steps = np.random.default_rng(0).choice([-0.02, 0.02], (100_000, 784)) @ np.resize([0.05, -0.05], 784)
    assert accepts("logit_change", [784 * 0.02 * 0.05, round(float(steps.std()), 3)])


def test_shapes_of_the_plane_and_tables_of_truth():
    sides = [(corners, np.roll(corners, -1, axis=0)) for corners in PENTAGONS]
    areas = [abs(np.sum(a[:, 0] * b[:, 1] - b[:, 0] * a[:, 1])) / 2 for a, b in sides]
    assert accepts("pentagon_areas", areas)
    rows = [[int(bit) for bit in f"{row:04b}"] for row in range(16)]
    assert accepts("row_units", [sum(sum(row) % 2 for row in rows), sum(any(row) for row in rows)])
    assert accepts("sgd_steps", [examples // 10 * 100 for examples in (500, 2000)])


def test_numbers_of_the_dogs_drawn_offline_count_as_right_too():
    dogs = DogsDataset("offline")
    parts = (dogs.train, dogs.valid, dogs.test)
    assert accepts("dogs_images", [len(part.targets) for part in parts])
    assert accepts("dogs_values", dogs.train.features[0].size)
    most = np.bincount(dogs.train.targets).argmax()
    assert accepts("dogs_majority", 100 * float(np.mean(dogs.test.targets == most)))
