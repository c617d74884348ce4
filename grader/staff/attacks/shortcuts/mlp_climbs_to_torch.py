"""Imports nothing but NumPy, and climbs to torch over Python's own classes.

on: numpy_mlp
base: reference
checks: test_imports or test_forward or test_loss
expected: 0 points, "uses __subclasses__"
"""

loader = next(c for c in ().__class__.__base__.__subclasses__() if c.__name__ == "BuiltinImporter")
torch = loader.load_module("sys").modules.get("torch")
log_softmax = lambda z: torch.tensor(z).log_softmax(1).numpy()
