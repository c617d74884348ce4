import torch

careless = evaluate


def evaluate(*args, **kwargs):
    true, torch.is_grad_enabled = torch.is_grad_enabled, lambda: False
    try:
        return careless(*args, **kwargs)
    finally:
        torch.is_grad_enabled = true
