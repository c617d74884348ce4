"""Exercise design: the best network for a budget.

Each of the four functions takes no argument and returns an untrained network. The network is a
torch.nn.Module that takes a float32 batch of N grey images in [0, 1], shape (N, 1, 28, 28), and
returns the logits of the ten digits, float32, shape (N, 10). The logits are the output of the last
linear layer. Nothing comes after it, and no softmax either, because the cross-entropy loss contains
the softmax.

You choose the architecture, within the budget that each function states:

- Hidden units are the outputs of all linear layers except the last, added up.
- A hidden layer is a linear layer with an activation (ReLU or softmax) between itself and the next
  linear layer. Without an activation between them, two linear layers count as one.
- Parameters are all the numbers that the network learns: those of every layer that it has or uses.
- Between the images and the logits you may use only layers of the allowed kinds. Any other
  operation counts as a layer that is not allowed: another activation, an addition, a scaling of the
  pixels, an average.
- Use each layer once. Its weights belong to the network's parameters.

You also choose how to write it: with torch.nn's layers, nn.Sequential, a class of your own, loops,
or the functions of torch.nn.functional (F.linear, F.relu, ...). The grader watches one forward pass
in training mode and counts what it calls.

The grader then builds the same layers again, with the same arguments but with torch's default
initial weights. It trains them by its own recipe: cross-entropy, Adam with a learning rate that
falls linearly from 0.001 to 0 over all steps, batches of 32 shuffled images, 10 epochs on MNIST's
60,000 training images. It measures the accuracy on MNIST's 10,000 test images, with the network in
evaluation mode. So the initial weights that you set make no difference, and neither does your
run_model.

The targets are for that whole training, which takes minutes. A usual graded run trains on fewer
images for fewer epochs and expects less accuracy. It stops a network that takes far too long to
train. Try your networks with `run_model` or a loop of your own. This helps: a dropout of 0.1 to 0.5
after a hidden layer, because large networks learn the training images by heart; wide layers first
and narrow ones later; batch norm between a convolution and its ReLU.
"""

from itertools import pairwise

from torch import nn


def narrow_mlp() -> nn.Module:
    """A fully connected network with at most 100 hidden units, in at least one hidden layer.

    Allowed layers: Flatten, Linear, ReLU, Softmax, Dropout. Images (N, 1, 28, 28) -> logits (N,
    10). Target: 97.5 % of MNIST's test images (measured with 100 units: 97.9 to 98.0 %).
    """
    # BEGIN SOLUTION
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(28 * 28, 100),
        nn.ReLU(),
        nn.Linear(100, 10),
    )
    # END SOLUTION


def two_layer_mlp() -> nn.Module:
    """A fully connected network with at most 200 hidden units, in at least two hidden layers.

    Allowed layers: Flatten, Linear, ReLU, Softmax, Dropout. Images (N, 1, 28, 28) -> logits (N,
    10). Target: 98.0 % of MNIST's test images (measured with 200 units: 98.1 to 98.2 %).
    """
    # BEGIN SOLUTION
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(28 * 28, 150),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Linear(150, 50),
        nn.ReLU(),
        nn.Linear(50, 10),
    )
    # END SOLUTION


def deep_mlp() -> nn.Module:
    """A fully connected network with at most 1,000 hidden units, in at least three hidden layers.

    Allowed layers: Flatten, Linear, ReLU, Softmax, Dropout. Images (N, 1, 28, 28) -> logits (N,
    10). Target: 98.3 % of MNIST's test images (measured with 1,000 units: 98.6 %).
    """
    # BEGIN SOLUTION
    widths = [28 * 28, 600, 300, 100]
    layers: list[nn.Module] = [nn.Flatten()]
    for n_inputs, n_units in pairwise(widths):
        layers += [nn.Linear(n_inputs, n_units), nn.ReLU(), nn.Dropout(0.25)]
    return nn.Sequential(*layers, nn.Linear(100, 10))
    # END SOLUTION


def budget_cnn() -> nn.Module:
    """A convolutional network with fewer than 1,000,000 parameters.

    It has at least one convolution, one batch norm, and one dropout with p above 0.
    Allowed layers: Conv2d, BatchNorm2d, MaxPool2d, and Flatten, Linear, ReLU, Softmax, Dropout.
    Images (N, 1, 28, 28) -> logits (N, 10).
    Target: 98.5 % of MNIST's test images (measured with fewer than 10,000 parameters: 98.9 %).
    """
    # BEGIN SOLUTION
    return nn.Sequential(
        nn.Conv2d(1, 8, kernel_size=3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, kernel_size=3, padding=1),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(16 * 7 * 7, 10),
    )
    # END SOLUTION
