import torch
import torch.nn.functional as F


def adversarial_example(model, images, target_class, max_distance=0.3, step_size=0.02, n_steps=100):
    target = (
        torch.full((len(images),), target_class) if isinstance(target_class, int) else torch.as_tensor(target_class)
    )
    changed = images.clone()
    for _ in range(n_steps):
        changed = changed.detach().requires_grad_()
        loss = F.cross_entropy(model(changed), target)
        loss.backward()
        changed = changed - step_size * changed.grad.sign()
        changed = images + (changed - images).clamp(-max_distance, max_distance)
    return changed.detach()
