"""Two networks' layers side by side, where they differ."""

import difflib
from typing import Any


def layer_table(expected: Any, got: Any) -> str:
    """Show the layers of two networks side by side, one line for each layer, in call order.

    Returns "" if an observation has no layers or if both have the same. A missing or extra layer
    gets a line to itself, so that the layers after it stand beside their own kind.
    """
    if not (has_layers(expected) and has_layers(got)) or expected["layers"] == got["layers"]:
        return ""
    rows = [("expected", "found"), *aligned(expected["layers"], got["layers"])]
    rows.append((f"{expected['parameters']:,} parameters", f"{count(got['parameters'])} parameters"))
    width = max(len(left) for left, _ in rows)
    lines = [
        f"  {left:<{width}} {'  ' if i in (0, len(rows) - 1) or left == right else '! '}{right}"
        for i, (left, right) in enumerate(rows)
    ]
    return "\n".join(["Layers in the order in which they are called:", *lines])


def has_layers(observation: Any) -> bool:
    if not isinstance(observation, dict) or not isinstance(observation.get("layers"), list):
        return False
    return "parameters" in observation and all(isinstance(layer, str) for layer in observation["layers"])


def count(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else f"a {type(value).__name__}"


def aligned(expected: list[str], got: list[str]) -> list[tuple[str, str]]:
    """Pairs of layers; a gap is "(missing)" or "(none)"."""
    pairs: list[tuple[str, str]] = []
    matcher = difflib.SequenceMatcher(None, kinds(expected), kinds(got), autojunk=False)
    for _, a, b, c, d in matcher.get_opcodes():
        left, right = expected[a:b], got[c:d]
        longest = max(len(left), len(right))
        left += ["(none)"] * (longest - len(left))
        right += ["(missing)"] * (longest - len(right))
        pairs += zip(left, right, strict=True)
    return pairs


def kinds(layers: list[str]) -> list[str]:
    return [layer.split(":")[0] for layer in layers]
