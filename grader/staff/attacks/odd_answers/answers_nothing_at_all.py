import numpy as np

from grader.sandbox import wire

ENCODE, COUNT = wire.encode, [0]


def emptied(node, number):
    if isinstance(node, dict):
        return {key: emptied(value, number) for key, value in node.items()}
    if isinstance(node, list):
        return [emptied(value, number) for value in node]
    if isinstance(node, np.ndarray):
        return np.full(node.shape if number % 2 else (0,), [0, -1, 1][number % 3]).astype(node.dtype)
    return [None, 0, -1, "", float("inf"), [], {}][number % 7]


def encode(tree):
    if isinstance(tree, dict) and "observation" in tree:
        tree = tree | {"observation": emptied(tree["observation"], len(str(tree)))}
    return ENCODE(tree)


wire.encode = encode
