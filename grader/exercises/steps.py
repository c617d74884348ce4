"""The steps of a network's forward pass, in one form for every way to write them.  Workers only.

F.relu, nn.ReLU, torch.relu, clamp(min=0) and torch.where(x > 0, x, 0) are all one step, and so are
flatten, view and reshape to rows, or padding before a convolution and in it.  Calls that are no
layer are recognised by the numbers that they gave.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby, permutations

import torch
import torch.nn.functional as F

from grader.exercises.calls import Operation, Pad, Reshape, Step
from grader.exercises.layers import Conv2d, Dropout, MaxPool2d, Other, ReLU
from grader.exercises.step_words import call_in_words, step_in_words

Shape = tuple[int, ...]
MOST_MARGIN = 4  # of padding that is looked for

ARITHMETIC = {"add", "sub", "mul", "div", "true_divide", "rsub", "neg", "pow", "rpow", "abs", "sqrt", "square"}
ARITHMETIC |= {"radd", "rmul", "rtruediv", "truediv", "multiply", "subtract", "divide", "negative", "einsum", "lerp"}
# Together, several of these may be a ReLU, a pool, padding or another order of the axes.
PARTS = {"gt", "ge", "lt", "le", "where", "maximum", "minimum", "max", "getitem", "setitem", "cat", "concat", "stack"}
PARTS |= {"threshold", "masked_fill", "amax", "unfold", "narrow", "bool", "logical_not"}
MADE = {"zeros_like", "ones_like", "rand_like", "new_zeros", "new_empty", "bernoulli"}  # of a tensor's shape alone
AXES = {"permute", "transpose", "movedim", "moveaxis", "swapaxes", "swapdims", "t", "T", "mT"}


@dataclass(frozen=True)
class Permute:
    """Another order of the axes."""

    axes: tuple[int, ...]


AnyStep = Step | Permute


@dataclass(frozen=True)
class Seen:
    """A step, the shape that its input had, and the weight that a layer used."""

    step: AnyStep
    shape: Shape
    weight: torch.Tensor | None = None


def steps_of(operations: Iterable[Operation]) -> list[Seen]:
    """The steps that these operations amount to, in order."""
    return simplified(step for own, group in groupby(operations, is_part) for step in read(own, list(group)))


def plain(name: str) -> str:
    """A function's name without the underscores of Python's own methods and of those in place."""
    return name.strip("_")


def is_part(operation: Operation) -> bool:
    """Whether the call may be only a part of a step, or one that its numbers tell."""
    name = plain(operation.name)
    is_unread = isinstance(operation.step, Other) and name in ARITHMETIC | PARTS | MADE | AXES
    return is_unread or isinstance(operation.step, Reshape)


def read(are_parts: bool, operations: list[Operation]) -> Iterator[Seen]:
    if are_parts:
        yield from recognised(operations)
        return
    yield from map(seen_in, operations)


def seen_in(operation: Operation) -> Seen:
    """A call that is a step of its own."""
    step, weight = operation.step, operation.state.get("weight")
    if isinstance(step, Other):
        step = Other(call_in_words(operation))
        weight = operation.given.get(1, "weight") if operation.name == "conv_transpose2d" else None
    return Seen(step, operation.given.shape, weight)


def in_words(step: AnyStep, n_examples: int) -> str:
    return f"permute{step.axes}" if isinstance(step, Permute) else step_in_words(step, n_examples)


def recognised(operations: list[Operation]) -> Iterator[Seen]:
    """The steps that these calls amount to by their numbers; what is left of them is one step."""
    start, shape, left = operations[0].inputs[0], operations[0].given.shape, set[str]()
    last = start
    for operation in operations:
        name, result = plain(operation.name), operation.outputs[0]
        if left and left <= ARITHMETIC and name not in ARITHMETIC | MADE:
            yield Seen(Other("arithmetic"), shape)
            start, shape, left = last, tuple(last.shape), set()
        step = step_in_place(operation) if result is start else step_between(start, result)
        if step is not None:
            yield Seen(step, shape)
            start, shape, left = result, tuple(result.shape), set()
        elif name not in MADE:
            left.add(name)
            last = result
    if left:
        yield Seen(Other("arithmetic" if left <= ARITHMETIC else ", ".join(sorted(left))), shape)


def step_in_place(operation: Operation) -> AnyStep | None:
    """The step if a call has changed its input, as x[x < 0] = 0 does."""
    sets_number = plain(operation.name) == "setitem" and not isinstance(operation.given.get(2, "value"), torch.Tensor)
    if plain(operation.name) in ARITHMETIC:
        return None
    return ReLU() if sets_number else Reshape(operation.given.shape, operation.given.shape)


def step_between(before: torch.Tensor, after: torch.Tensor) -> AnyStep | None:
    """The step that makes one tensor of the other, None if it is not known."""
    if after.dtype != before.dtype or not after.is_floating_point() or not after.numel():
        return None
    if before.numel() == after.numel() and torch.equal(before.flatten(), after.flatten()):
        return Reshape(tuple(before.shape), tuple(after.shape))
    if before.shape == after.shape:
        return activation_between(before, after) or order_between(before, after)
    return order_between(before, after) or window_between(before, after)


def activation_between(before: torch.Tensor, after: torch.Tensor) -> Step | None:
    """The step if it is a ReLU or a dropout."""
    if torch.equal(before.clamp(min=0), after):
        return ReLU()
    kept = (after != 0) & (before != 0)
    ratios = after[kept] / before[kept]
    by_chance = kept.any() and not kept.all() and not torch.equal(kept, before > 0)
    if not by_chance or after[before == 0].any() or float(ratios.max() - ratios.min()) > 1e-4:
        return None
    ratio = float(ratios.mean())
    return Dropout(round(1 - 1 / ratio, 3)) if ratio > 1 else None


def order_between(before: torch.Tensor, after: torch.Tensor) -> Permute | None:
    """The step if it is another order of the axes."""
    if before.numel() != after.numel() or not 2 <= before.dim() == after.dim() <= 4:
        return None
    orders = permutations(range(before.dim()))
    return next((Permute(axes) for axes in orders if same(before.permute(axes), after)), None)


def window_between(before: torch.Tensor, after: torch.Tensor) -> Step | None:
    """The step if it is a max-pool 2x2 of maps (N, C, H, W), or if it pads them with zeros."""
    if before.dim() != 4 or after.dim() != 4:
        return None
    if min(before.shape[2:]) > 1 and same(F.max_pool2d(before, 2), after):
        return MaxPool2d((2, 2), (2, 2), (0, 0), (1, 1), False)
    for margin in range(1, MOST_MARGIN + 1):
        if same(F.pad(before, (margin,) * 4), after):
            return Pad((margin, margin), "zeros")
    return None


def same(made: torch.Tensor, found: torch.Tensor) -> bool:
    return made.shape == found.shape and torch.equal(made, found)


# One form for steps that do the same


def simplified(steps: Iterable[Seen]) -> list[Seen]:
    """The steps, with those joined or swapped that give the same in another order."""
    merged: list[Seen] = []
    for seen in steps:
        add(merged, replace(seen, step=with_padding(seen.step)))
    return [replace(seen, step=as_order(seen.step)) for seen in merged if not is_nothing(seen.step)]


def add(merged: list[Seen], seen: Seen) -> None:
    """Add a step at the end, or make one of the last and this."""
    while merged and is_nothing(merged[-1].step):
        merged.pop()
    last = merged[-1] if merged else None
    match last.step if last else None, seen.step:
        case Reshape(before), Reshape(_, after):
            merged[-1] = Seen(Reshape(before, after), merged[-1].shape)
        case Permute(first), Permute(second):
            merged[-1] = Seen(Permute(tuple(first[axis] for axis in second)), merged[-1].shape)
        case Pad(first, mode), Conv2d(padding=(int(high), int(wide)), padding_mode=own) if (
            own == mode or not high + wide
        ):
            padding = (first[0] + high, first[1] + wide)
            merged[-1] = Seen(replace(seen.step, padding=padding, padding_mode=mode), merged[-1].shape, seen.weight)
        case Pad(), Other("arithmetic"):  # such as x(1 - x), which leaves zeros as they are
            merged.insert(-1, seen)
        case ReLU(), ReLU():
            pass
        case (MaxPool2d() | Dropout() | Reshape()) as other, ReLU():  # a ReLU may as well come first
            merged.pop()
            add(merged, Seen(seen.step, last.shape if last else ()))
            merged.append(Seen(other, last.shape if last else ()))
        case _:
            merged.append(seen)


def is_nothing(step: AnyStep) -> bool:
    match step:
        case Reshape(before, after):
            return before == after
        case Permute(axes):
            return axes == tuple(range(len(axes)))
    return False


def as_order(step: AnyStep) -> AnyStep:
    """A reshape as another order of the axes, if it only moves axes of size 1."""
    match step:
        case Reshape(before, after) if len(before) == len(after) <= 4:
            for axes in permutations(range(len(before))):
                moved = [axis for axis in axes if before[axis] != 1]
                if moved == sorted(moved) and tuple(before[axis] for axis in axes) == after:
                    return Permute(axes)
    return step


def with_padding(step: AnyStep) -> AnyStep:
    """A convolution with its padding in numbers, if "same" means as much on both sides."""
    match step:
        case Conv2d(padding="same", kernel_size=kernel, dilation=dilation):
            both = [(size - 1) * gap for size, gap in zip(kernel, dilation, strict=True)]
            if not any(total % 2 for total in both):
                return replace(step, padding=(both[0] // 2, both[1] // 2))
    return step
