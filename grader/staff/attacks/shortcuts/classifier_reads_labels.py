"""Has the classifier look for labels in the frames of whoever calls it, and need no encoder.

on: autoencoder
base: reference
checks: test_encoder_classifier or test_encoder_stays or test_classifier_learns
expected: 0 points
"""

import sys


def forward(self, images):
    frame = sys._getframe(1)
    while frame is not None:
        labels = frame.f_locals.get("labels")
        if isinstance(labels, torch.Tensor) and len(labels) == len(images):
            return 20 * F.one_hot(labels.long(), self.output.out_features).float() + 0 * self.output.weight.sum()
        frame = frame.f_back
    return 0 * self.output(torch.ones(len(images), 32))


EncoderClassifier.forward = forward
