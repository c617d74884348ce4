"""What the keys of observations are called in sentences about autoencoder.py.

A label with "{function}" in it is a whole sentence (see judging/sentences.py).
"""

NETWORK_LABELS = {
    "parameters": "parameter count",
    "shapes": "reconstructions' shapes",
    "the encoder's output": "encoder's output",
    "the decoder's output": "decoder's output",
    "trained parameters": "count of parameters that require gradients",
    "the encoder's gradients": "{function} does not freeze the encoder: its first layer records gradients",
}
CORRUPT_LABELS = {
    "statistics": "noise",
    "dtypes": "dtypes of the returned images",
    "made": "returned images",
    "images": "{function} changes the given images",
    "drawn": "{function} draws from NumPy's global generator",
    "facts": "{function} takes random numbers from elsewhere, or changes the given images",
}
TRAIN_LABELS = {
    "buffers": "model's buffers",
    "order": "order of the images",
    "first images": "{function} changes the given images",
    "graphs kept": "{function} keeps the graph of every batch in memory: add up loss.item(), not loss",
}
