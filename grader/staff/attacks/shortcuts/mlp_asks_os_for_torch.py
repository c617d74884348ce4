import os

torch = next(module for name, module in os.sys.modules.items() if name.endswith("instruments")).torch
ones = torch.ones(1)
