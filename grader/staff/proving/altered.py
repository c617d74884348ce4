"""Answers that are altered at random. They keep the structure of the reference's answer."""

import random
from collections.abc import Callable
from typing import Any

import numpy as np

from grader.sandbox import wire

HUGE = 1e308
MARKUP = "\x1b[31m<script>alert(1)</script>\u202e=1+1\r"
NUMBERS = (0, -1, 1, 0.0, float("nan"), float("inf"), -float("inf"), HUGE, -HUGE, 2**63, 1e-320)
ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    "",
    MARKUP,
    "x" * 100_000,
    [],
    {},
    [[]],
    {"": None},
    np.zeros(0),
    np.array(1.0),
    *NUMBERS,
)
FIRST_OF_MANY = 3  # children of a list that may be chosen: the others are like them


# One place


def alter_one(tree: Any, rng: random.Random) -> Any:
    """A copy of an answer with one node in another form, or with another value, size or sign."""
    if isinstance(tree, (dict, list)) and tree and rng.random() < 0.8:
        copied = tree.copy()
        keys = list(copied) if isinstance(copied, dict) else range(min(len(copied), FIRST_OF_MANY))
        key = rng.choice(list(keys))
        copied[key] = alter_one(copied[key], rng)
        return copied
    if rng.random() < 0.3:
        return rng.choice(ODD)
    return rng.choice(OPERATORS[kind_of(tree)])(tree, rng)


def kind_of(node: Any) -> type:
    kinds = (bool, int, float, str, list, dict, np.ndarray)
    return next((kind for kind in kinds if isinstance(node, kind)), type(None))


def other_number(node: float, rng: random.Random) -> Any:
    return rng.choice([-node, node + 1, float(node), str(node), [node], np.array(node), *NUMBERS])


def other_list(node: list[Any], rng: random.Random) -> Any:
    longer = node * min(1000, 100_000 // max(len(node), 1))
    return rng.choice([node[1:], node[:-1], node[::-1], [*node, None], longer, dict(enumerate_text(node)), [node]])


def enumerate_text(node: list[Any]) -> list[tuple[str, Any]]:
    return [(str(i), child) for i, child in enumerate(node)]


def other_dict(node: dict[str, Any], rng: random.Random) -> Any:
    lacking = dict(list(node.items())[1:])
    many = {f"name {i}": None for i in range(10_000)}
    return rng.choice([lacking, node | {MARKUP: 1}, node | many, list(node.values()), dict.fromkeys(node), {}])


def other_array(node: np.ndarray, rng: random.Random) -> Any:
    """The array with another shape, type or sign, or with values that no computation likes."""
    ways: list[Callable[[], Any]] = [
        lambda: node.T,
        lambda: node[None],
        lambda: node.ravel(),
        lambda: node[:-1] if node.ndim and len(node) else node[None],
        lambda: node[..., None],
        lambda: np.zeros((0, *node.shape[1:]), node.dtype),
        lambda: np.zeros((0,) * 8, node.dtype),
        lambda: node.tolist() if node.size < 10_000 else None,
        lambda: with_one(node, rng, rng.choice(NUMBERS)),
        lambda: with_one(node.astype(float), rng, rng.choice(NUMBERS)),
        lambda: -node if node.dtype != bool else ~node,
        lambda: extreme(node, rng),
        lambda: node.astype(rng.choice(sorted(wire.DTYPES))),
    ]
    with np.errstate(all="ignore"):
        return rng.choice(ways)()


def with_one(node: np.ndarray, rng: random.Random, value: float) -> np.ndarray:
    """The array with one other element; its type stays."""
    changed = node.copy()
    if changed.size:
        with np.errstate(all="ignore"):
            changed.flat[rng.randrange(changed.size)] = np.array(value).astype(changed.dtype)
    return changed


def extreme(node: np.ndarray, rng: random.Random) -> np.ndarray:
    """An array of the largest or the smallest number that its type has."""
    if node.dtype == bool:
        return np.full_like(node, rng.random() < 0.5)
    limits = np.finfo(node.dtype) if node.dtype.kind == "f" else np.iinfo(node.dtype)
    return np.full_like(node, rng.choice([limits.max, limits.min]))


OPERATORS: dict[type, tuple[Callable[[Any, random.Random], Any], ...]] = {
    bool: (lambda node, rng: not node, lambda node, rng: int(node)),
    int: (other_number,),
    float: (other_number,),
    str: (lambda node, rng: node + rng.choice([" ", MARKUP, "x" * 10_000]), lambda node, rng: [node]),
    type(None): (lambda node, rng: rng.choice(ODD),),
    list: (other_list,),
    dict: (other_dict,),
    np.ndarray: (other_array,),
}


# Every place


def alter_all(tree: Any, rng: random.Random) -> Any:
    """A copy of an answer in which every value is wrong. Types, shapes and keys stay."""
    if isinstance(tree, dict):
        return {key: alter_all(child, rng) for key, child in tree.items()}
    if isinstance(tree, list):
        return [alter_all(child, rng) for child in tree]
    if isinstance(tree, np.ndarray):
        return wrong_array(tree, np.random.default_rng(rng.randrange(2**32)))
    if isinstance(tree, bool):
        return not tree
    if isinstance(tree, int):
        return -abs(tree) - rng.randint(1, 3)
    if isinstance(tree, float):
        return -(abs(tree) + 1) * rng.uniform(1.5, 3)
    return "?" if tree is None else f"{tree}?"


def wrong_array(array: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """An array of the same shape and type in which every value is another one."""
    kind = array.dtype.kind
    if kind == "b":
        wrong = ~array
    elif kind == "u":
        wrong = array + rng.integers(1, 200, array.shape)
    elif kind == "i":
        wrong = -np.abs(array) - rng.integers(1, 4, array.shape)
    else:
        wrong = -(np.abs(array) + 1) * rng.uniform(1.5, 3, array.shape)
    return np.asarray(wrong.astype(array.dtype))
