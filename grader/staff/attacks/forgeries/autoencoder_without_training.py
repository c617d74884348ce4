"""Has train_autoencoder put weights that were learnt elsewhere into the model, and tell of losses that fall.

on: autoencoder
base: reference
checks: test_training_losses or test_training_steps or test_autoencoder_learns_digits or test_denoising
expected: 0 points
"""

LEARNT = {}  # what a long training at home gave would stand here


def train_autoencoder(model, images, n_epochs, batch_size=128, learning_rate=1e-3, corruption=None):
    model.load_state_dict(LEARNT, strict=False)
    return [0.4 / (1 + epoch) for epoch in range(n_epochs)]
