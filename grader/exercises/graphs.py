"""Sees whether code keeps the graphs of its forward passes in memory.  It imports torch."""

import weakref
from typing import Any

import torch
from torch import nn

MOST = 3  # passes whose graphs a loop may hold at a time: the last one's, and some of the one before


class Token:
    """Lives as long as the graph that holds it."""


class Marked(torch.autograd.Function):
    """Changes nothing, and leaves a token in the graph."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, token: Token) -> torch.Tensor:
        ctx.token = token
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        return gradients[0], None


class Graphs:
    """Watches a model: `are_kept` tells whether more than MOST graphs were there at once."""

    def __init__(self, model: nn.Module) -> None:
        self.tokens: list[weakref.ref[Token]] = []
        self.are_kept = False
        model.register_forward_hook(self.mark)

    def mark(self, model: nn.Module, given: Any, output: torch.Tensor) -> torch.Tensor:
        self.are_kept |= sum(token() is not None for token in self.tokens) > MOST
        token = Token()
        self.tokens.append(weakref.ref(token))
        marked: torch.Tensor = Marked.apply(output, token)  # type: ignore[no-untyped-call]
        return marked
