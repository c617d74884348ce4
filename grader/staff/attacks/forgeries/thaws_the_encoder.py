true_forward = EncoderClassifier.forward


def forward(self, images):
    with torch.no_grad():
        for parameter in self.encoder.parameters():
            parameter.add_(0.01 * torch.randn_like(parameter))
    return true_forward(self, images)


EncoderClassifier.forward = forward
