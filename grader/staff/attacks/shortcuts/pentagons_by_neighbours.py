"""Has no PentagonMLP learn anything: remembers the training points and answers with the class of the nearest one.

on: perceptrons
base: reference
checks: test_pentagon_mlp_learns
cpu: 40
expected: 0 points
"""

Honest = PentagonMLP


class PentagonMLP(Honest):
    seen = []

    def forward(self, points):
        logits = super().forward(points)
        if self.training:
            self.seen.append(points.detach())
            return logits.detach() + 0 * sum(parameter.sum() for parameter in self.parameters())
        known = torch.cat(self.seen) if self.seen else points
        return nn.functional.one_hot(torch.cdist(points, known).argmin(1) % 2, 2).float() + 0 * logits
