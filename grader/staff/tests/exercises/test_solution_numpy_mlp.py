"""The reference of numpy_mlp, compared with torch in float64 and its own finite differences.

The rule that only NumPy is allowed is tested too.
"""

import importlib.util
import sys
from types import ModuleType

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from data.digits import enlarge, read_digits
from grader.exercises.numpy_mlp.no_frameworks import no_frameworks
from grader.exercises.numpy_mlp.only_numpy import reasons, reasons_in_folder
from grader.judging.reference import solution_file

PATH = solution_file("numpy_mlp")
SIZES = (6, 5, 4, 3)


@pytest.fixture(scope="module")
def module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference_numpy_mlp", PATH)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def batch(rng, n=8, sizes=SIZES):
    return rng.normal(size=(n, sizes[0])), rng.integers(0, sizes[-1], n)


def torchs(model, x, y):
    """Logits, loss and gradients by torch."""
    act = {"relu": torch.relu, "sigmoid": torch.sigmoid}[model.activation]
    weights, biases = ([torch.tensor(a, requires_grad=True) for a in group] for group in (model.weights, model.biases))
    h = torch.tensor(x)
    for k, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        h = (act(h) if k else h) @ weight + bias
    loss = F.cross_entropy(h, torch.tensor(y))
    loss.backward()
    return h.softmax(1).detach().numpy(), loss.item(), [[p.grad.numpy() for p in group] for group in (weights, biases)]


def assert_close(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def test_default_size(module):
    model = module.NumpyMLP()
    assert sum(array.size for array in model.weights + model.biases) == 973_702
    assert {array.dtype.name for array in model.weights + model.biases} == {"float64"}


def test_initial_distributions(module):
    sizes = (300, 200, 100)
    for weight in module.NumpyMLP(sizes, init="glorot").weights:
        n_in, n_out = weight.shape
        assert 0.99 < np.abs(weight).max() / np.sqrt(6 / (n_in + n_out)) <= 1
        assert weight.var() == pytest.approx(2 / (n_in + n_out), rel=0.03)
    for weight in module.NumpyMLP(sizes, init="normal").weights:
        assert weight.std() == pytest.approx(1, rel=0.02) and weight.mean() == pytest.approx(0, abs=0.02)
    zero = module.NumpyMLP(sizes, init="zero")
    assert not any(array.any() for array in zero.weights + zero.biases)
    one, same, other = (module.NumpyMLP(sizes, seed=seed).weights[0] for seed in (1, 1, 2))
    assert (one == same).all() and not (one == other).any()


@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
@pytest.mark.parametrize("scale", [1, 1000])
def test_torch_agrees(module, rng, activation, scale):
    model = module.NumpyMLP(SIZES, activation=activation)
    model.weights[-1] *= scale
    model.biases = [rng.normal(size=bias.shape) for bias in model.biases]
    x, y = batch(rng)
    probabilities, loss, gradients = torchs(model, x, y)
    assert_close(model.forward(x), probabilities)
    assert_close(model.loss(x, y), loss)
    for ours, theirs in zip(model.backward(x, y), gradients, strict=True):
        for a, b in zip(ours, theirs, strict=True):
            assert_close(a, b)


def test_gradients_are_finite_differences(module, rng):
    model = module.NumpyMLP(SIZES, activation="sigmoid", seed=3)
    x, y = batch(rng)
    gradients, before = model.backward(x, y)[0], [weight.copy() for weight in model.weights]
    for layer, gradient in enumerate(gradients):
        indices = list(np.ndindex(gradient.shape))
        found = module.finite_difference(model, x, y, layer, indices, 1e-5)
        np.testing.assert_allclose(found, gradient.ravel(), rtol=1e-6, atol=1e-9)
    assert all(map(np.array_equal, model.weights, before))


def test_one_step(module, rng):
    model = module.NumpyMLP(SIZES)
    x, y = batch(rng)
    weights, gradients = [w.copy() for w in model.weights], model.backward(x, y)
    model.update(gradients, 0.1)
    for before, after, gradient in zip(weights, model.weights, gradients[0], strict=True):
        assert_close(after, before - 0.1 * gradient)


def test_losses_of_a_thousand(module):
    model = module.NumpyMLP((2, 2))
    model.weights[0], x, y = np.array([[1000.0, 0], [0, 1000]]), np.eye(2), np.array([1, 0])
    assert model.loss(x, y) == 1000
    assert model.loss(x, y[::-1]) == 0


def test_zeros_stay_alike(module, rng):
    """With zero weights a ReLU network changes only its last bias; sigmoid units all stay equal."""
    x, y = batch(rng, 60)
    relu = module.NumpyMLP(SIZES, init="zero")
    relu.fit(x, y, 5, 10, 0.5)
    assert not any(weight.any() for weight in relu.weights) and relu.biases[-1].any()
    sigmoid = module.NumpyMLP(SIZES, init="zero", activation="sigmoid")
    sigmoid.fit(x, y, 5, 10, 0.5)
    assert sigmoid.weights[1].any() and np.ptp(sigmoid.weights[1]) < 1e-12


def test_fit_learns_digits(module):
    images, labels = read_digits("train")
    x = enlarge(images, np.random.default_rng(0)).reshape(len(images), -1)
    x = x / x.max()
    model = module.NumpyMLP((784, 64, 10))
    losses = model.fit(x, labels, 4, 20, 0.1)
    assert len(losses) == 4 and losses[-1] < 0.5 * losses[0]
    assert model.evaluate(x, labels)[1] > 90


@pytest.mark.parametrize("arguments", [{"sizes": (3,)}, {"init": "he"}, {"activation": "tanh"}])
def test_refused_arguments(module, arguments):
    with pytest.raises(ValueError, match=r"\w"):
        module.NumpyMLP(**arguments)


def test_refused_data(module, rng):
    model, (x, y) = module.NumpyMLP(SIZES), batch(rng)
    for method in (model.loss, model.backward, model.evaluate, lambda x, y: model.fit(x, y, 1, 4, 0.1)):
        for wrong in ((x[:, 1:], y), (x, y[1:]), (x, y + 3), (x, y - 3), (x, y[:, None])):
            with pytest.raises(ValueError, match=r"\w"):
                method(*wrong)
    with pytest.raises(ValueError, match="batch_size"):
        model.fit(x, y, 1, 0, 0.1)


def test_reference_keeps_to_numpy():
    assert reasons(PATH.read_text(encoding="utf-8")) == []


NUMPY = "import numpy as np\n"
BREAKING = [
    ("import math", False),
    ("from torch import nn", False),
    ("try:\n    import cupy\nexcept ImportError:\n    pass", False),
    ("import importlib", True),
    ("from src.models import LeNet5", True),
    ("from .models import LeNet5", True),
    ("__import__('torch')", True),
    ("exec('import torch')", True),
    (f"{NUMPY}np.ctypeslib", True),
    (f"{NUMPY}np.random.mtrand", True),
    (f"{NUMPY}np._core", True),
    ("import numpy.f2py", True),
    ("from numpy import testing", True),
    (f"{NUMPY}other = np", True),
    (f"{NUMPY}np.sum.__globals__", True),
    ("g = getattr", True),
    ("getattr(object, '__sub' + 'classes__')", True),
    ("__name__ = '__main__'", True),
    ("if __name__ == '__main__':\n    pass\nelse:\n    import math", False),
    ("1 +", True),
    ("# coding: latin-1\n", True),
    (b"# coding: utf-7\n+AGk-mport torch", True),
    ("import os", True),
    ("def look(self, name):\n    return getattr(self, name)", True),
    ("getattr(self, f'g{i}')", True),
    ("def f(__name__):\n    if __name__ == '__main__':\n        import sys", True),
    ("from numpy import linalg\nlinalg._linalg", True),
    (f"{NUMPY}x = np.linalg\nx.warnings", True),
    ("(i for i in x).gi_frame", True),
    ("#" * 200_001, True),
    ("from src import helper", True),
    ("-" * 5000 + "1", True),
]
KEEPING = [
    f"{NUMPY}np.random.default_rng(0).normal(size=np.array([3]).shape)",
    "from numpy.typing import NDArray",
    "from __future__ import annotations",
    "import numpy.linalg as la\nla.norm([1])",
    "if __name__ == '__main__':\n    import matplotlib, torch",
    "getattr(self, f'weight{i}'), getattr(x, 'shape')",
    "super().__init__()",
    "self.__class__.__name__",
    "class A:\n    def _sum(self): self._x = 1; return self._x, self._sum()",
    f"{NUMPY}np.random.default_rng(0).bit_generator.state, np.polynomial.Polynomial([1]).coef, np.add.reduce([1])",
    f"{NUMPY}'{{:.3f}}'.format(np.finfo(np.float64).eps), np.einsum('ij->i', x), np.linalg.LinAlgError",
]


@pytest.mark.parametrize("text, reaches", BREAKING)
def test_text_that_breaks_the_rule(text, reaches):
    found = reasons(text)
    assert found and any(reason.reaches for reason in found) == reaches


@pytest.mark.parametrize("text", KEEPING)
def test_text_that_keeps_to_numpy(text):
    assert reasons(text) == []


def test_the_rule_holds_for_the_files_own_modules(tmp_path):
    (tmp_path / "numpy_mlp.py").write_text("from . import layers\nfrom src.steps import step\n", encoding="utf-8")
    (tmp_path / "layers.py").write_text("import numpy as np\nfrom .deeper import f\n", encoding="utf-8")
    (tmp_path / "steps.py").write_text("def step(): return 1\n", encoding="utf-8")
    (tmp_path / "deeper.py").write_text("import sys\nf = 1\n", encoding="utf-8")
    assert [reason.sentence for reason in reasons_in_folder(tmp_path)] == ["Line 1 of src/deeper.py imports sys."]
    (tmp_path / "deeper.py").write_text("f = 1\n", encoding="utf-8")
    assert reasons_in_folder(tmp_path) == []


def test_frameworks_come_back():
    finders = list(sys.meta_path)
    with no_frameworks():
        for name in ("torch", "torch.nn", "scipy.special", "sklearn"):
            with pytest.raises(ImportError, match="can't be imported here"):
                importlib.import_module(name)
    assert sys.modules["torch"] is torch and sys.meta_path == finders
