"""Records gradients in evaluate, and has torch say meanwhile that it does not.

base: evaluate.gradients_recorded
checks: test_evaluate_leaves_the_model
expected: 0 points
"""

import torch

careless = evaluate


def evaluate(*args, **kwargs):
    true, torch.is_grad_enabled = torch.is_grad_enabled, lambda: False
    try:
        return careless(*args, **kwargs)
    finally:
        torch.is_grad_enabled = true
