"""Exercise numpy_mlp: a fully connected network without a framework.

This file may import only NumPy: no torch, no SciPy, no scikit-learn, and nothing from Python's
standard library. If you import math, you lose the import check. Code that needs a framework fails
every check, because no framework can be imported while it is graded. The rule holds for every way
of importing, also for `__import__` and importlib, and for other modules that can be reached through
NumPy. The code under `if __name__ == "__main__":` at the end of the file is not looked at: import
there what your own experiments need.

Everything is computed in float64. N is the number of examples, and `sizes` are the widths of the
layers: sizes[0] inputs, then the hidden layers, and sizes[-1] classes. A layer computes
h @ weight + bias for its input h (N, in), with a weight (in, out) and a bias (out,). An activation
follows every layer except the last. The last layer gives the logits, and the softmax along each row
gives the probabilities of the classes:

    softmax(z)_j = exp(z_j) / sum over k of exp(z_k)

It does not change if the same number is added to all logits of a row. The loss is the mean over
examples of the cross-entropy, -log(probability of the example's own class). See Goodfellow, Bengio
and Courville, Deep Learning, sections 6.2.2.3 (softmax) and 6.5 (back-propagation):
https://www.deeplearningbook.org/contents/mlp.html
"""

import numpy as np

Arrays = list[np.ndarray]


class NumpyMLP:
    """A fully connected network for classification, trained by stochastic gradient descent.

    Let NumPy compute all examples of a batch at once: slow code loses a point.

    The two lists `weights` and `biases` are the whole state of the network: `forward`, `loss` and
    all other methods compute with what the lists hold at that moment. If somebody writes other
    arrays of these shapes into them (model.weights[0] = array), it is another network.

    Args:
        sizes: the widths of the layers, at least two, all positive. The default has 973,702
            parameters.
        init: the initial weights:
            "zero": all 0;
            "normal": drawn from the standard normal distribution (mean 0, standard deviation 1);
            "glorot": drawn uniformly between -b and b, with b = sqrt(6 / (in + out)) for each
                layer, which gives them the variance 2 / (in + out) (Glorot and Bengio 2010,
                https://proceedings.mlr.press/v9/glorot10a.html).
            Biases always begin at 0.
        activation: the function after every layer except the last: "relu", max(z, 0), or "sigmoid",
            1 / (1 + exp(-z)).
        seed: decides the initial weights and the shuffling in `fit`. The same seed gives the same
            weights every time, another seed gives others.

    Attributes:
        weights: a list with an array (in, out), float64, for each layer, the first layer first.
        biases: a list with an array (out,), float64, for each layer.

    Raises:
        ValueError: for an init or activation of another name, and for fewer than two sizes.
    """

    def __init__(
        self,
        sizes: tuple[int, ...] = (784, 666, 666, 10),
        init: str = "glorot",
        activation: str = "relu",
        seed: int = 0,
    ) -> None:
        raise NotImplementedError("to do: NumpyMLP.__init__")

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Compute the probabilities of all classes for each example.

        Args:
            x: shape (N, sizes[0]), N at least 1, of any integer or float dtype; it is not changed.

        Returns:
            Shape (N, sizes[-1]), float64; each row has the sum 1. No entry is NaN, for all finite
            logits.

        Raises:
            ValueError: if x has another shape.
        """
        raise NotImplementedError("to do: NumpyMLP.forward")

    def loss(self, x: np.ndarray, y: np.ndarray) -> float:
        """Compute the mean cross-entropy over examples.

        Args:
            x: as for `forward`.
            y: labels, integers from 0 to sizes[-1] - 1 of any integer dtype, shape (N,); they are
                not changed.

        Returns:
            The loss. It is also right for logits in the thousands, where a probability rounds to 0:
            it is neither infinite nor NaN, and it is not cut off. (log(softmax(z)_j) is z_j minus
            the logarithm of the sum. Which part of that can overflow?)

        Raises:
            ValueError: if x or y has another shape, or if a label is out of range.
        """
        raise NotImplementedError("to do: NumpyMLP.loss")

    def backward(self, x: np.ndarray, y: np.ndarray) -> tuple[Arrays, Arrays]:
        """Compute the gradient of `loss(x, y)` with respect to every weight and bias.

        The loss is a mean over examples, so the gradient is one too. Weights and biases are not
        changed. Earlier calls make no difference: `backward` does not need a call of `forward`
        before it. The derivative of ReLU at 0 counts as 0.

        Args:
            x: as for `loss`.
            y: as for `loss`.

        Returns:
            (weight gradients, bias gradients): two lists of float64 arrays, with the shapes and the
            order of `weights` and of `biases`.

        Raises:
            ValueError: as `loss` does.
        """
        raise NotImplementedError("to do: NumpyMLP.backward")

    def update(self, gradients: tuple[Arrays, Arrays], learning_rate: float) -> None:
        """Take one step of gradient descent.

        Subtract from each weight and bias the learning rate times its gradient.

        Args:
            gradients: (weight gradients, bias gradients), as `backward` returns them; they are not
                changed.
            learning_rate: the size of the step, above 0.
        """
        raise NotImplementedError("to do: NumpyMLP.update")

    def fit(self, x: np.ndarray, y: np.ndarray, n_epochs: int, batch_size: int, learning_rate: float) -> list[float]:
        """Train the network, from the weights that it has, by stochastic gradient descent.

        Every epoch takes the examples in a new random order, each example once, `batch_size` of
        them in a batch. The last batch has the examples that are left and may be smaller. Each
        batch makes one step: the gradient of the mean loss over that batch, whatever its size,
        times the learning rate.

        Args:
            x: the examples, as for `loss`; neither they nor their order is changed.
            y: their labels, as for `loss`; neither they nor their order is changed.
            n_epochs: how often to go through all examples, at least 1.
            batch_size: examples in a batch, at least 1. If there are fewer, all are in one batch.
            learning_rate: the size of the steps, above 0.

        Returns:
            One loss for each epoch: the mean over all its examples (not over batches) of the losses
            that they had in the batches' steps, just before each step was taken.

        Raises:
            ValueError: as `loss` does, and if batch_size is below 1. You need not check n_epochs
                and learning_rate.
        """
        raise NotImplementedError("to do: NumpyMLP.fit")

    def evaluate(self, x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
        """Measure the network on some examples. Nothing is changed.

        Args:
            x: the examples, as for `loss`.
            y: their labels, as for `loss`.

        Returns:
            (loss, accuracy): the loss as `loss` gives it, and the share of examples, in percent
            from 0 to 100, whose most probable class is their label.
        """
        raise NotImplementedError("to do: NumpyMLP.evaluate")


def finite_difference(
    model: NumpyMLP, x: np.ndarray, y: np.ndarray, layer: int, indices: list[tuple[int, int]], epsilon: float
) -> np.ndarray:
    """Compute the gradient of chosen weights by central differences, to test `backward`.

    For each weight w it is (loss with w + epsilon - loss with w - epsilon) / (2 epsilon), while all
    other weights stay as they are. Afterwards the model is as it was, bit for bit. This also holds
    if model.loss raises an error; the error then reaches the caller.

    Args:
        model: a model with the lists `weights` and `biases` and the method `loss`, which is called
            as model.loss(x, y).
        x: the examples of the loss.
        y: the labels of the loss.
        layer: which entry of model.weights; 0 is the first.
        indices: K pairs (i, j): the weights model.weights[layer][i, j].
        epsilon: how far a weight is moved, above 0.

    Returns:
        Shape (K,), float64: the differences, in the order of `indices`.
    """
    raise NotImplementedError("to do: finite_difference")
