"""Models and noise that the probes of autoencoder give a submission.  It imports torch."""

import random
from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from torch import nn

from grader.exercises.graphs import Graphs as Graphs
from grader.exercises.instruments import Log, Pass, arrays, send_gradients, tensor, write_weights
from grader.exercises.returned import kind_of, require_array
from grader.sandbox.probe import Arrays, Unusable


class SmallAutoencoder(nn.Module):
    """Two convolutions with tanh between, and batch norm if asked for: it remembers what passes.

    Weights are drawn from `seed`.  An image's id is its first pixel.
    """

    def __init__(self, seed: int, batch_norm: bool = False) -> None:
        super().__init__()
        self.hidden = nn.Conv2d(1, 2, 3, padding=1)
        self.norm = nn.BatchNorm2d(2) if batch_norm else nn.Identity()
        self.out = nn.Conv2d(2, 1, 3, padding=1)
        self.passes: list[Pass] = Log()
        write_weights([self.hidden, self.norm, self.out], seed)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        ids = images[:, 0, 0, 0].detach().numpy().copy()
        self.passes.append(Pass(self.training, torch.is_grad_enabled(), ids))
        reconstructions: torch.Tensor = self.out(self.norm(torch.tanh(self.hidden(images))))
        return reconstructions


class Patterns:
    """A corruption that multiplies all images of a call by a pattern (28, 28).

    Each call takes the next pattern.  `sizes` are the calls' numbers of images.
    """

    def __init__(self, patterns: Arrays) -> None:
        self.patterns = patterns
        self.sizes: list[int] = []

    def __call__(self, clean: np.ndarray) -> np.ndarray:
        if not isinstance(clean, np.ndarray) or clean.shape[1:] != (1, 28, 28):
            expected = "a NumPy array (B, 1, 28, 28)"
            raise Unusable(f"train_autoencoder should give `corruption` {expected}; it gave it {kind_of(clean)}.")
        pattern = self.patterns[len(self.sizes) % len(self.patterns)]
        self.sizes.append(len(clean))
        return clean * pattern


class ImageCoder(nn.Module):
    """Stands in for an autoencoder: an encoder to codes (8, 2, 2), and a decoder.

    Weights are drawn from `seed`.  If `regularized`, the encoder has batch norm and dropout.
    """

    def __init__(self, seed: int, regularized: bool = False) -> None:
        super().__init__()
        more = [nn.BatchNorm2d(8), nn.Dropout(0.5)] if regularized else []
        parts = [nn.Conv2d(1, 8, 7, stride=7), nn.ReLU(), nn.AvgPool2d(2), *more]
        encoder, decoder = nn.Sequential(*parts), nn.ConvTranspose2d(8, 1, 14, stride=14)
        self.encoder, self.decoder = encoder, decoder
        write_weights([*parts, decoder], seed)


def submodule(model: nn.Module, name: str, owner: str) -> nn.Module:
    """The part of a network that has this attribute name.  Raises Unusable if it is not a module.

    `owner` is the network's name for students.
    """
    part = getattr(model, name, None)
    if not isinstance(part, nn.Module):
        is_what = "there is none" if part is None else f"it is {kind_of(part)}"
        raise Unusable(f"{owner} should have an attribute `{name}` that is a torch.nn.Module; {is_what}.")
    return part


def as_vector(tensors: Iterable[torch.Tensor]) -> np.ndarray:
    """All entries of some tensors, one after the other."""
    return np.concatenate([np.zeros(0, np.float32), *(array.flatten() for array in arrays(tensors))])


def gradients_of_first(layers: list[nn.Module], x: np.ndarray) -> list[Any]:
    """The gradients of the first layer's parameters, if there is one, when it runs on its own.

    Empty for a parameter without any.  A patched `parameters` could hide some, so torch's own list
    is read.
    """
    for first in layers[:1]:
        maps = first(tensor(x))
        if maps.requires_grad:
            send_gradients(maps)
        gradients = [parameter.grad for parameter in first._parameters.values() if parameter is not None]
        return [[] if gradient is None else arrays([gradient])[0] for gradient in gradients]
    return []


def repeated(function: Any, images: np.ndarray, kind: Any, amount: Any, seed: int) -> dict[str, Any]:
    """`corrupt` twice with one generator, then with an equal one, then with one of another seed.

    Global generators are seeded again before each call.
        facts: what is equal and what changed, in words.
        made: the four returned arrays, float32.
        images: those of the first call, afterwards.
        drawn: the next number of NumPy's global generator after the last call.
    """
    copies, noisy, generator = [images.copy() for _ in range(4)], [], np.random.default_rng(seed)
    for place, used in enumerate([generator, generator, np.random.default_rng(seed), np.random.default_rng(seed + 1)]):
        random.seed(seed + place)
        np.random.seed((seed + place) % 2**32)
        torch.manual_seed(seed + place)
        result = function(copies[place], kind, amount, used)
        noisy.append(require_array(result, images.shape, "What corrupt returned").astype(np.float32))
    drawn = float(np.random.random())
    expected = float(np.random.RandomState((seed + 3) % 2**32).random_sample())
    same = ["the same" if np.array_equal(noisy[0], later) else "something else" for later in noisy[1:]]
    return {
        "facts": {
            "the array it was given": "as it was" if np.array_equal(copies[0], images) else "changed",
            "a second call with the same generator": same[0],
            "an equal generator": same[1],
            "a generator with another seed": same[2],
            "NumPy's global generator": "left alone" if drawn == expected else "used",
        },
        "made": noisy,
        "images": copies[0],
        "drawn": drawn,
    }
