"""Step by step: backward on a copy of the model, limits with torch.where, loops over images."""

import copy

import torch
import torch.nn as nn


def adversarial_example(model, images, target_class, max_distance=0.3, step_size=0.02, n_steps=100):
    if bool(torch.isnan(images).any()) or float(images.min()) < 0 or float(images.max()) > 1:
        raise ValueError("The images must have pixels between 0 and 1.")
    if isinstance(target_class, int):
        targets = [target_class for _ in range(images.shape[0])]
    else:
        targets = [int(t) for t in target_class]
    if len(targets) != images.shape[0]:
        raise ValueError(f"There are {images.shape[0]} images but {len(targets)} targets.")
    for target in targets:
        if target < 0:
            raise ValueError("A class can't be negative.")
    if max_distance <= 0 or max_distance != max_distance:
        raise ValueError("max_distance must be positive.")
    if step_size <= 0 or step_size != step_size:
        raise ValueError("step_size must be positive.")
    if n_steps <= 0:
        raise ValueError("n_steps must be positive.")

    with torch.enable_grad():
        own = copy.deepcopy(model)
        own.eval()
        wanted = torch.tensor(targets)
        criterion = nn.CrossEntropyLoss()
        original = images.detach().clone()
        adversarial = original.clone()
        done = [False] * len(targets)
        step = 0
        while step < n_steps and not all(done):
            x = adversarial.clone().detach()
            x.requires_grad = True
            output = own(x)
            if max(targets) >= output.size(1):
                raise ValueError(f"The model has only {output.size(1)} classes.")
            _, predicted = torch.max(output, 1)
            loss = criterion(output, wanted)
            own.zero_grad()
            loss.backward()
            for i in range(len(targets)):
                if done[i] or predicted[i].item() == targets[i]:
                    done[i] = True
                    continue
                moved = adversarial[i] - step_size * torch.sign(x.grad[i])
                upper = original[i] + max_distance
                lower = original[i] - max_distance
                moved = torch.where(moved > upper, upper, moved)
                moved = torch.where(moved < lower, lower, moved)
                moved[moved > 1] = 1
                moved[moved < 0] = 0
                adversarial[i] = moved
            step += 1
    return adversarial
