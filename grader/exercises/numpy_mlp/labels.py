"""What the keys of observations are called in sentences about numpy_mlp.py.

A label with "{function}" in it is a whole sentence (see judging/sentences.py).
"""

LABELS = {
    "numpy alone": "{function} can reach more than NumPy",
    "inputs": "{function} changes the inputs that it is given",
    "batches": "{function} changes the examples or labels that it is given",
    "data": "{function} changes the examples or labels that it is given",
    "sets": "{function} changes the examples or labels that it is given",
    "again": "second call's probabilities",
    "dtypes": "dtypes of the returned arrays",
    "sums": "gradients of a wide network",
    "before": "earlier call's gradients",
    "states": "weights and biases after fit",
}
INITIAL_LABELS = {
    "shapes": "shapes of weights and biases",
    "dtypes": "dtypes of weights and biases",
    "weights": "initial weights",
    "biases": "initial biases",
    "again": "initial weights for the same seed",
    "other": "initial weights for another seed",
    "start": "initial weights",
    "seeds": "initial weights for some seeds",
    "default sizes": "weights' shapes without arguments",
    "defaults": "use of an argument's default",
}
UPDATE_LABELS = {
    "weights": "weights after update",
    "biases": "biases after update",
    "gradients": "{function} changes the gradients that it is given",
}
DIFFERENCE_LABELS = {"as it was": "{function} leaves weights of the model changed"}
