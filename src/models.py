"""Exercise models: ten networks, from fully connected to VGG.

Each network is a torch.nn.Module. Its constructor makes the layers. Its forward takes a float32
batch of N inputs and returns the logits, float32, shape (N, classes). Logits are the output of the
last linear layer: no ReLU and no softmax comes after it (the cross-entropy loss contains the
softmax).

Fixed are the layers with weights, their sizes, and the order of everything that happens to the
input. Every layer with weights is a layer of torch.nn (nn.Linear, nn.Conv2d, nn.BatchNorm2d, or
their lazy variants), has a bias and is called as a module. Otherwise it keeps torch's default
arguments: a convolution has stride 1 and no padding. "Max-pool 2" is a 2x2 window with stride 2; it
drops a row or column that is left over at the edge.

You choose the names of attributes, whether you use nn.Sequential, and whether ReLU, pooling,
padding, dropout and flattening are modules or functions. If you use a dropout function, pass it
training=self.training.

Images come in one of two layouts. Image files are read with channels last, (N, H, W, C); torch's
convolutions need channels first, (N, C, H, W). To change the layout, reorder the axes. If you view
or reshape the numbers in another shape instead, you scramble the image.

A fully connected network flattens the input in the order in which it comes, so (H, W, C) stays as
it is. A convolutional network flattens the last feature maps with the channels first, (C, H, W), as
nn.Flatten does.
"""

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional as F

Size = int | tuple[int, int]


class DigitClassifier(nn.Module):
    """Two hidden layers for handwritten digits: 109,386 parameters.

    Input: anything that flattens to 784 numbers an example, such as (N, 28, 28), (N, 1, 28, 28) or
    (N, 784).
    Flatten; linear 128, ReLU; linear 64, ReLU; linear 10. Output: logits (N, 10).
    """

    def __init__(self) -> None:
        super().__init__()
        raise NotImplementedError("to do: DigitClassifier.__init__")

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Images that flatten to (N, 784) -> logits (N, 10)."""
        raise NotImplementedError("to do: DigitClassifier.forward")


class DogClassifierFC(nn.Module):
    """Two hidden layers for ten breeds of dogs: 1,581,898 parameters.

    Input: colour images (N, 64, 64, 3), channels LAST.
    Flatten in this order (H, W, C); linear 128, ReLU; linear 64, ReLU; linear 10. Output: logits
    (N, 10).
    """

    def __init__(self) -> None:
        super().__init__()
        raise NotImplementedError("to do: DogClassifierFC.__init__")

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Images (N, 64, 64, 3) -> logits (N, 10)."""
        raise NotImplementedError("to do: DogClassifierFC.forward")


class DogClassifierConv(nn.Module):
    """Two convolutional layers for ten breeds of dogs: 68,138 parameters (5x5 kernels, stride 1).

    Input: colour images (N, 64, 64, 3), channels LAST.
    Convolution to 16 channels, ReLU, max-pool 2; convolution to 32 channels, ReLU, max-pool 2;
    flatten; linear 10. There is no padding. Output: logits (N, 10).

    All sizes that fit 64x64 images are allowed, so compute the number of inputs of the linear layer
    from them. For example, DogClassifierConv(kernel_size=[(5, 5), (5, 5)], stride=[1, (2, 1)]).

    Args:
        kernel_size: a list or tuple with one entry for each convolution: an int for a square
            kernel, or a pair (height, width).
        stride: the same for the strides.

    Raises:
        ValueError: if either argument does not have two entries.
    """

    def __init__(self, kernel_size: Sequence[Size], stride: Sequence[Size]) -> None:
        super().__init__()
        raise NotImplementedError("to do: DogClassifierConv.__init__")

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Images (N, 64, 64, 3) -> logits (N, 10)."""
        raise NotImplementedError("to do: DogClassifierConv.forward")


class SynthClassifier(nn.Module):
    """Three small convolutional layers for two kinds of edges: 442 parameters.

    Input: grey images (N, 28, 28, 1), channels LAST.
    Convolutions to 2, 4 and 8 channels, each followed by ReLU and max-pool 2; flatten; linear 2.
    There is no padding. Output: logits (N, 2). (The number of parameters is for 5x5, 3x3, 3x3
    kernels and stride 1.)

    All sizes that fit 28x28 images are allowed, so compute the number of inputs of the linear layer
    from them. For example, SynthClassifier(kernel_size=[5, 3, (3, 3)], stride=[1, 1, 1]).

    Args:
        kernel_size: a list or tuple with one entry for each convolution: an int for a square
            kernel, or a pair (height, width).
        stride: the same for the strides.

    Raises:
        ValueError: if either argument does not have three entries.
    """

    def __init__(self, kernel_size: Sequence[Size], stride: Sequence[Size]) -> None:
        super().__init__()
        raise NotImplementedError("to do: SynthClassifier.__init__")

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Images (N, 28, 28, 1) -> logits (N, 2)."""
        raise NotImplementedError("to do: SynthClassifier.forward")


class FashionCNN(nn.Module):
    """A small convolutional network for pieces of clothing: 6,346 parameters.

    Input: grey images (N, 1, 28, 28), channels first.
    Three convolutions, each followed by ReLU and max-pool 2: to 4 channels with 3x3 kernels and
    padding 1, to 8 with 4x4 and padding 2, to 16 with 5x5 and padding 3. Then flatten (to 256
    numbers) and linear 10. Output: logits (N, 10).
    """

    def __init__(self) -> None:
        super().__init__()
        raise NotImplementedError("to do: FashionCNN.__init__")

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Images (N, 1, 28, 28) -> logits (N, 10)."""
        raise NotImplementedError("to do: FashionCNN.forward")


class RegularizedFashionCNN(nn.Module):
    """FashionCNN with batch norm and dropout: 6,402 parameters.

    Like FashionCNN, with a batch norm between every convolution and its ReLU (three of them), and
    one dropout of single values with probability 0.2, between the last ReLU and its max-pool. In
    evaluation mode the dropout does nothing. Input (N, 1, 28, 28); output: logits (N, 10).
    """

    def __init__(self) -> None:
        super().__init__()
        raise NotImplementedError("to do: RegularizedFashionCNN.__init__")

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Images (N, 1, 28, 28) -> logits (N, 10)."""
        raise NotImplementedError("to do: RegularizedFashionCNN.forward")


class LeNet5(nn.Module):
    """LeNet-5 with ReLU and max-pooling (LeCun et al., 1998): 61,706 parameters for grey images.

    Input: images (N, in_channels, 32, 32) or (N, in_channels, 28, 28). The smaller ones are first
    padded with zeros, by 2 on every side.
    Convolution to 6 channels with 5x5 kernels, ReLU, max-pool 2; convolution to 16 with 5x5, ReLU,
    max-pool 2; flatten; linear 120, ReLU; linear 84, ReLU; linear 10. Output: logits (N, 10).

    Args:
        in_channels: the number of channels of the input: 1 for grey images, 3 for colour images.
    """

    def __init__(self, in_channels: int = 1) -> None:
        super().__init__()
        raise NotImplementedError("to do: LeNet5.__init__")

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Images (N, in_channels, 32, 32) or (N, in_channels, 28, 28) -> logits (N, 10)."""
        raise NotImplementedError("to do: LeNet5.forward")


class InversionInvariantLeNet5(nn.Module):
    """LeNet-5 that gives an image x and its negative 1 - x the same logits: 61,706 parameters.

    Input: grey images (N, 1, 28, 28) with values in [0, 1].
    Every value x becomes x(1 - x); only then come the padding and the layers of LeNet5. The two
    logits agree except for rounding. Output: logits (N, 10).
    """

    def __init__(self) -> None:
        super().__init__()
        raise NotImplementedError("to do: InversionInvariantLeNet5.__init__")

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Images (N, 1, 28, 28) -> logits (N, 10)."""
        raise NotImplementedError("to do: InversionInvariantLeNet5.forward")


class SmallVGG(nn.Module):
    """A small network in VGG's style for digits: 839,802 parameters.

    Input: grey images (N, 1, 28, 28), channels first.
    Three blocks, with 16, 32 and 64 channels: two convolutions with 3x3 kernels, a ReLU after each,
    then max-pool 2. The padding is 1, but 3 in the very first convolution, which makes 28x28 images
    32x32. Then flatten (to 1,024 numbers); linear 500, ReLU; linear 500, ReLU; linear 10. Output:
    logits (N, 10).

    The weights of a new network are Xavier-uniform (nn.init.xavier_uniform_), in convolutions and
    linear layers alike, and all biases are 0.
    """

    def __init__(self) -> None:
        super().__init__()
        raise NotImplementedError("to do: SmallVGG.__init__")

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Images (N, 1, 28, 28) -> logits (N, 10)."""
        raise NotImplementedError("to do: SmallVGG.forward")


class CatDogVGG(nn.Module):
    """A network in VGG's style that tells cats from dogs: 5,884,162 parameters.

    Input: colour images (N, 3, 64, 64), channels first.
    Four blocks of convolutions with 3x3 kernels and padding 1, a ReLU after each; every block ends
    in a max-pool 2. The blocks: one convolution to 32 channels, two to 64, two to 128, two to 256.
    Then flatten (to 4,096 numbers); linear 1024, ReLU; linear 512, ReLU; linear 2. Output: logits
    (N, 2).
    """

    def __init__(self) -> None:
        super().__init__()
        raise NotImplementedError("to do: CatDogVGG.__init__")

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Images (N, 3, 64, 64) -> logits (N, 2)."""
        raise NotImplementedError("to do: CatDogVGG.forward")
