"""Records gradients in evaluate, and has torch say everywhere that it does not.

base: evaluate.gradients_recorded
checks: test_evaluate_leaves_the_model
expected: 0 points
"""

import torch

torch.is_grad_enabled = lambda: False
