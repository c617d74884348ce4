"""The change of the images is a parameter; SGD moves it along the signs of the gradient."""

import torch
from torch import nn


class Changed(nn.Module):
    def __init__(self, images, max_distance):
        super().__init__()
        self.change = nn.Parameter(torch.zeros_like(images))
        self.register_buffer("images", images)
        self.max_distance = max_distance

    def forward(self):
        return self.images + self.change

    @torch.no_grad()
    def project(self):
        self.change.clamp_(-self.max_distance, self.max_distance)
        self.change.copy_((self.images + self.change).clamp_(0, 1) - self.images)


def checked(images, target_class, max_distance, step_size, n_steps):
    inside = torch.logical_and(images >= 0, images <= 1)
    targets = torch.tensor(target_class) if not torch.is_tensor(target_class) else target_class.detach().clone()
    targets = targets.long().reshape(-1)
    problems = {
        "images has values outside [0, 1]": not inside.all(),
        "target_class has the wrong length": len(targets) not in (1, len(images)),
        "target_class has negative classes": (targets < 0).any(),
        "max_distance is not above 0": not max_distance > 0,
        "step_size is not above 0": not step_size > 0,
        "n_steps is below 1": n_steps < 1,
    }
    for problem, present in problems.items():
        if present:
            raise ValueError(problem)
    return targets if len(targets) == len(images) else targets.repeat(len(images))


def adversarial_example(model, images, target_class, max_distance=0.3, step_size=0.02, n_steps=100):
    targets = checked(images, target_class, max_distance, step_size, n_steps)
    original = images.detach().clone()
    was = {name: part.training for name, part in model.named_modules()}
    recorded = torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    model.eval()
    try:
        changed = Changed(original, max_distance)
        optimizer = torch.optim.SGD(changed.parameters(), lr=step_size)
        for _ in range(n_steps):
            logits = model(changed())
            if int(targets.max()) >= logits.shape[-1]:
                raise ValueError(f"target_class must be below {logits.shape[-1]}")
            open_ = logits.argmax(-1).ne(targets)
            if not open_.any():
                break
            log_probabilities = logits - logits.logsumexp(-1, keepdim=True)
            loss = -log_probabilities[torch.arange(len(targets)), targets].mean()
            changed.change.grad = torch.autograd.grad(loss, [changed.change])[0].sign()
            changed.change.grad[~open_] = 0
            optimizer.step()
            changed.project()
        return torch.where(changed.change == 0, original, changed().detach())
    finally:
        for name, part in model.named_modules():
            part.training = was[name]
        torch.set_grad_enabled(recorded)
