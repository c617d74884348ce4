"""Has an Autoencoder with the right layers give back its very input, so that no reconstruction could be better.

on: autoencoder
base: reference
checks: test_gradients_reach_encoder or autoencoder_learns or test_denoising
expected: 0 points
"""

true_forward = Autoencoder.forward


def forward(self, images):
    return images + 0 * true_forward(self, images)


Autoencoder.forward = forward
