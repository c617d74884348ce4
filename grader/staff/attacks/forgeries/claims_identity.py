"""Returns a copy of the model and has the probe say that it is the one given.

base: run_model.returns_a_copy
checks: test_run_model_weights or test_run_model_returns_the_last_weights
expected: 0 points
"""

from grader.sandbox import wire

true = wire.encode


def encode(tree):
    if isinstance(tree, dict) and isinstance(tree.get("observation"), dict):
        for key, value in tree["observation"].items():
            if key == "the model returned":
                tree["observation"][key] = (
                    ["the one given"] * len(value) if isinstance(value, list) else "the one given"
                )
    return true(tree)


wire.encode = encode
