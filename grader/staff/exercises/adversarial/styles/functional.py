"""One image at a time, with torch.func: the gradient is that of a function of the image."""

import contextlib

import torch
from torch.func import functional_call, grad_and_value
from torch.nn.functional import log_softmax


@contextlib.contextmanager
def evaluating(model):
    before = [(part, part.training) for part in model.modules()]
    try:
        yield model.eval()
    finally:
        for part, mode in before:
            part.training = mode


def require(condition, sentence):
    if not bool(condition):
        raise ValueError(sentence)


def one(model, image, target, max_distance, step_size, n_steps):
    state = {name: value.detach() for name, value in [*model.named_parameters(), *model.named_buffers()]}

    def loss(x):
        logits = functional_call(model, state, (x[None],))[0]
        return -log_softmax(logits, dim=0)[target], logits

    gradient_of = grad_and_value(loss, has_aux=True)
    x, change = image, torch.zeros_like(image)
    for _ in range(n_steps):
        gradient, (_, logits) = gradient_of(x)
        if int(logits.argmax()) == target:
            return x
        change = torch.clamp(change - step_size * torch.sign(gradient), -max_distance, max_distance)
        x = torch.clamp(image + change, 0.0, 1.0)
        change = x - image
    return x


def adversarial_example(model, images, target_class, max_distance=0.3, step_size=0.02, n_steps=100):
    images = images.detach()
    require(images.ge(0).logical_and(images.le(1)).all(), "images must lie in [0, 1]")
    require(max_distance > 0, f"max_distance must be above 0, not {max_distance}")
    require(step_size > 0, f"step_size must be above 0, not {step_size}")
    require(n_steps >= 1, f"n_steps must be at least 1, not {n_steps}")
    targets = torch.as_tensor(target_class).tolist()
    targets = targets if isinstance(targets, list) else [targets] * len(images)
    require(len(targets) == len(images), "one target, or one for each image")
    with evaluating(model):
        with torch.no_grad():
            n_classes = model(images[:1]).shape[1]
        require(all(0 <= target < n_classes for target in targets), f"classes go from 0 to {n_classes - 1}")
        with torch.enable_grad():
            made = [
                one(model, image, target, max_distance, step_size, n_steps)
                for image, target in zip(images, targets, strict=True)
            ]
    return torch.stack(made).detach()
