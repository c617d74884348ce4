"""What the keys of observations are called in sentences about run_model.py.

A label with "{function}" in it is a whole sentence (see judging/sentences.py).
"""

TRAIN_LABELS = {
    "training mode": "{function} should run the model in training mode",
    "buffers": "model's buffers",
    "graphs kept": "{function} keeps the graph of every batch in memory: add up loss.item(), not loss",
}
EVALUATE_LABELS = {
    "training mode": "{function} should run the model in evaluation mode",
    "gradients recorded": "{function} records gradients; it should not",
    "changed": "changes to the model",
    "modes changed": "modes of the model's parts",
    "state afterwards": "model's state afterwards",
    "losses by call": "losses",
    "modes by call": "modes of the model's parts",
    "gradients by call": "gradients of a training step afterwards",
}
IN_ORDER_LABELS = {"weights": "weights after training with shuffle=False"}
RUN_LABELS = {
    "valid losses": "validation losses",
    "epochs trained": "number of epochs",
    "steps": "number of SGD steps",
    "entries": "{function} returns lists of different lengths after it stopped early",
    "passes": "batches",
    "the model returned": "{function} returns another model than the one it was given",
    "weights of the model returned": "returned model's weights",
    "changed": "changes to the model",
    "state afterwards": "model's state afterwards",
    "gradients afterwards": "gradients of a training step afterwards",
}
