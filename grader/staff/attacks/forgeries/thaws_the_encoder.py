"""Has the classifier's encoder learn, though its parameters say that they do not: each forward takes a step of its own.

on: autoencoder
base: reference
checks: test_encoder_classifier or test_encoder_stays or test_classifier_learns
expected: 0 points
"""

true_forward = EncoderClassifier.forward


def forward(self, images):
    with torch.no_grad():
        for parameter in self.encoder.parameters():
            parameter.add_(0.01 * torch.randn_like(parameter))
    return true_forward(self, images)


EncoderClassifier.forward = forward
