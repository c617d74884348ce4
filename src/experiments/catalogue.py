"""All experiments: what each shows, which files and data it needs, and how long it takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Budget = Literal["quick", "evening", "documents"]
BUDGETS: tuple[Budget, ...] = ("quick", "evening", "documents")


@dataclass(frozen=True)
class Experiment:
    """One experiment of the list.

    Attributes:
        name: what you type, such as "mnist-sizes".
        shows: what it shows, in a few words.
        exercises: the files of src/ that it runs, without ".py".
        data: the data sets that it loads.
        module: the module of this package that holds it.
        seconds: how long it took with each budget, measured with the reference on two cores whose
            speed was `speed.MEASURED_SPEED`.
        threads: how many threads torch uses; None for one on each core. Small networks train
            faster with one.
    """

    name: str
    shows: str
    exercises: tuple[str, ...]
    data: tuple[str, ...]
    module: str
    seconds: Mapping[Budget, float]
    threads: int | None = None

    @property
    def function(self) -> str:
        """The function in the module that runs the experiment: mnist_sizes for mnist-sizes."""
        return self.name.replace("-", "_")


def _seconds(quick: float, evening: float, documents: float) -> Mapping[Budget, float]:
    return {"quick": quick, "evening": evening, "documents": documents}


EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        name="mnist-sizes",
        shows="training time and accuracy against the number of training examples",
        exercises=("run_model", "models"),
        data=("MNIST",),
        module="mnist_sizes",
        seconds=_seconds(2, 35, 35),
        threads=1,
    ),
    Experiment(
        name="dogs-fc",
        shows="a fully connected network on DogSet: curves, early stopping, hard images",
        exercises=("run_model", "models"),
        data=("DogSet",),
        module="dogs",
        seconds=_seconds(2, 160, 800),
        threads=1,
    ),
    Experiment(
        name="dogs-conv",
        shows="a convolutional network on DogSet: curves, early stopping",
        exercises=("run_model", "models"),
        data=("DogSet",),
        module="dogs",
        seconds=_seconds(2, 150, 1400),
        threads=1,
    ),
    Experiment(
        name="synth-kernels",
        shows="what two kernels learn about the orientation of edges",
        exercises=("run_model", "models"),
        data=("(made here)",),
        module="synth_kernels",
        seconds=_seconds(3, 130, 210),
        threads=1,
    ),
    Experiment(
        name="dying-relu",
        shows="sorted against shuffled batches, and units that die",
        exercises=("run_model",),
        data=("(made here)",),
        module="dying_relu",
        seconds=_seconds(3, 40, 500),
        threads=1,
    ),
    Experiment(
        name="zero-init",
        shows="why weights must not start at zero",
        exercises=("run_model",),
        data=("(made here)",),
        module="zero_init",
        seconds=_seconds(2, 8, 25),
        threads=1,
    ),
    Experiment(
        name="fashion",
        shows="FashionCNN with and without batch norm and dropout; overfitting",
        exercises=("run_model", "models"),
        data=("FashionMNIST",),
        module="fashion",
        seconds=_seconds(3, 120, 300),
        threads=1,
    ),
    Experiment(
        name="lenet-settings",
        shows="LeNet5 on three data sets: initialisation, penalties, learning rates",
        exercises=("run_model", "models"),
        data=("MNIST", "FashionMNIST", "CIFAR10"),
        module="lenet_settings",
        seconds=_seconds(5, 170, 55000),
        threads=1,
    ),
    Experiment(
        name="tsne",
        shows="three data sets drawn in the plane",
        exercises=(),
        data=("MNIST", "FashionMNIST", "CIFAR10"),
        module="tsne",
        seconds=_seconds(4, 20, 45),
        threads=1,
    ),
    Experiment(
        name="negatives",
        shows="digits and their negatives, and networks that see both alike",
        exercises=("run_model", "models"),
        data=("MNIST",),
        module="negatives",
        seconds=_seconds(5, 145, 9000),
        threads=1,
    ),
    Experiment(
        name="vgg",
        shows="SmallVGG against fully connected networks",
        exercises=("run_model", "models"),
        data=("MNIST",),
        module="vgg",
        seconds=_seconds(3, 150, 1200),
        threads=1,
    ),
    Experiment(
        name="cats-dogs",
        shows="CatDogVGG, augmentation, hard images, kernels, feature maps",
        exercises=("run_model", "models"),
        data=("cats and dogs",),
        module="cats_dogs",
        seconds=_seconds(4, 200, 12000),
    ),
    Experiment(
        name="depth-width",
        shows="your networks of design.py, and other ways to spend their budgets",
        exercises=("run_model", "design"),
        data=("MNIST",),
        module="depth_width",
        seconds=_seconds(4, 170, 900),
        threads=1,
    ),
    Experiment(
        name="dropout-sweep",
        shows="accuracy against the dropout probability",
        exercises=("run_model", "design"),
        data=("MNIST",),
        module="dropout_sweep",
        seconds=_seconds(4, 140, 450),
        threads=1,
    ),
    Experiment(
        name="pentagons",
        shows="two pentagons by hand and learnt: restarts, width, depth, regions",
        exercises=("run_model", "perceptrons"),
        data=("(made here)",),
        module="pentagons",
        seconds=_seconds(6, 180, 800),
        threads=1,
    ),
    Experiment(
        name="autoencoders",
        shows="plain and denoising autoencoders, and what their codes are good for",
        exercises=("run_model", "autoencoder"),
        data=("FashionMNIST",),
        module="autoencoders",
        seconds=_seconds(6, 190, 2700),
        threads=1,
    ),
    Experiment(
        name="numpy-init",
        shows="initialisations, settings, and finite differences without a framework",
        exercises=("numpy_mlp",),
        data=("MNIST",),
        module="numpy_init",
        seconds=_seconds(2, 150, 1000),
    ),
    Experiment(
        name="adversarial",
        shows="images that deceive: how far, how often, for which networks",
        exercises=("run_model", "models", "adversarial"),
        data=("MNIST",),
        module="adversarial",
        seconds=_seconds(5, 105, 400),
        threads=1,
    ),
)
NAMES: tuple[str, ...] = tuple(experiment.name for experiment in EXPERIMENTS)


def find(name: str) -> Experiment:
    """The experiment of this name. Raises KeyError if there is none."""
    return next(experiment for experiment in EXPERIMENTS if experiment.name == name)
