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


# BEGIN SOLUTION
def relu(z: np.ndarray) -> np.ndarray:
    return np.maximum(z, 0)


def sigmoid(z: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-z)), by the hyperbolic tangent, which does not overflow."""
    return 0.5 * (1 + np.tanh(0.5 * z))


ACTIVATIONS = {"relu": relu, "sigmoid": sigmoid}
INITS = ("zero", "normal", "glorot")


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Logarithms of the probabilities.

    The largest logit of each row is subtracted first, so that no exponential overflows.
    """
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


# END SOLUTION
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
        # BEGIN SOLUTION
        if len(sizes) < 2:
            raise ValueError(f"A network needs at least two sizes; got {sizes}.")
        if init not in INITS:
            raise ValueError(f"There is no initialisation {init!r}; choose one of {', '.join(INITS)}.")
        if activation not in ACTIVATIONS:
            raise ValueError(f"There is no activation {activation!r}; choose one of {', '.join(ACTIVATIONS)}.")
        self.rng = np.random.default_rng(seed)
        self.activation = activation
        self.weights = [self.initial_weight(init, sizes[i], sizes[i + 1]) for i in range(len(sizes) - 1)]
        self.biases = [np.zeros(n_out) for n_out in sizes[1:]]
        # END SOLUTION

    # BEGIN SOLUTION
    def initial_weight(self, init: str, n_in: int, n_out: int) -> np.ndarray:
        if init == "zero":
            return np.zeros((n_in, n_out))
        if init == "normal":
            return self.rng.standard_normal((n_in, n_out))
        bound = np.sqrt(6 / (n_in + n_out))
        return self.rng.uniform(-bound, bound, (n_in, n_out))

    def inputs_and_logits(self, x: np.ndarray) -> tuple[Arrays, np.ndarray]:
        """The input of every layer, and the logits."""
        n_in = len(self.weights[0])
        if np.ndim(x) != 2 or np.shape(x)[1] != n_in:
            raise ValueError(f"x should have the shape (N, {n_in}); it has {np.shape(x)}.")
        inputs = [np.asarray(x, dtype=np.float64)]
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            inputs.append(ACTIVATIONS[self.activation](inputs[-1] @ weight + bias))
        return inputs, inputs[-1] @ self.weights[-1] + self.biases[-1]

    def check_labels(self, x: np.ndarray, y: np.ndarray) -> None:
        classes = len(self.biases[-1])
        if np.shape(y) != (len(x),):
            raise ValueError(f"y should have the shape ({len(x)},), a label for each example; it has {np.shape(y)}.")
        if np.min(y) < 0 or np.max(y) >= classes:
            raise ValueError(f"Labels should be from 0 to {classes - 1}; they are from {np.min(y)} to {np.max(y)}.")

    def slope(self, output: np.ndarray) -> np.ndarray:
        """The activation's derivative, from what it put out."""
        return output > 0 if self.activation == "relu" else output * (1 - output)

    # END SOLUTION
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
        # BEGIN SOLUTION
        _, logits = self.inputs_and_logits(x)
        return np.exp(log_softmax(logits))
        # END SOLUTION

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
        # BEGIN SOLUTION
        self.check_labels(x, y)
        _, logits = self.inputs_and_logits(x)
        return float(-log_softmax(logits)[np.arange(len(y)), y].mean())
        # END SOLUTION

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
        # BEGIN SOLUTION
        self.check_labels(x, y)
        inputs, logits = self.inputs_and_logits(x)
        delta = np.exp(log_softmax(logits))
        delta[np.arange(len(y)), y] -= 1
        delta = delta / len(y)
        weight_gradients, bias_gradients = [], []
        for layer in reversed(range(len(self.weights))):
            weight_gradients.append(inputs[layer].T @ delta)
            bias_gradients.append(delta.sum(axis=0))
            if layer > 0:
                delta = delta @ self.weights[layer].T * self.slope(inputs[layer])
        return weight_gradients[::-1], bias_gradients[::-1]
        # END SOLUTION

    def update(self, gradients: tuple[Arrays, Arrays], learning_rate: float) -> None:
        """Take one step of gradient descent.

        Subtract from each weight and bias the learning rate times its gradient.

        Args:
            gradients: (weight gradients, bias gradients), as `backward` returns them; they are not
                changed.
            learning_rate: the size of the step, above 0.
        """
        # BEGIN SOLUTION
        weight_gradients, bias_gradients = gradients
        for layer in range(len(self.weights)):
            self.weights[layer] = self.weights[layer] - learning_rate * weight_gradients[layer]
            self.biases[layer] = self.biases[layer] - learning_rate * bias_gradients[layer]
        # END SOLUTION

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
        # BEGIN SOLUTION
        self.check_labels(x, y)
        if batch_size < 1:
            raise ValueError(f"batch_size should be at least 1; it is {batch_size}.")
        losses = []
        for _ in range(n_epochs):
            order, total = self.rng.permutation(len(x)), 0.0
            for start in range(0, len(x), batch_size):
                batch = order[start : start + batch_size]
                total += self.loss(x[batch], y[batch]) * len(batch)
                self.update(self.backward(x[batch], y[batch]), learning_rate)
            losses.append(total / len(x))
        return losses
        # END SOLUTION

    def evaluate(self, x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
        """Measure the network on some examples. Nothing is changed.

        Args:
            x: the examples, as for `loss`.
            y: their labels, as for `loss`.

        Returns:
            (loss, accuracy): the loss as `loss` gives it, and the share of examples, in percent
            from 0 to 100, whose most probable class is their label.
        """
        # BEGIN SOLUTION
        predicted = self.forward(x).argmax(axis=1)
        return self.loss(x, y), float(100 * np.mean(predicted == y))
        # END SOLUTION


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
    # BEGIN SOLUTION
    differences = np.empty(len(indices))
    for k, (i, j) in enumerate(indices):
        weight = model.weights[layer][i, j]
        try:
            model.weights[layer][i, j] = weight + epsilon
            above = model.loss(x, y)
            model.weights[layer][i, j] = weight - epsilon
            below = model.loss(x, y)
        finally:
            model.weights[layer][i, j] = weight
        differences[k] = (above - below) / (2 * epsilon)
    return differences
    # END SOLUTION
