"""mnist-sizes: how training time and accuracy depend on the number of training examples."""

from typing import Any

from data.load_data import load_mnist_data
from data.split import Split
from src.experiments import drawing
from src.experiments.run import Run
from src.experiments.training import measure, train_by_run_model

SIZES = (500, 1000, 1500, 2000)
N_TEST = 1000
BATCH_SIZE, LEARNING_RATE = 10, 0.01


def mnist_sizes(run: Run) -> None:
    """Train DigitClassifier on four training sets, and test it on the same 1,000 digits."""
    n_epochs = run.choose(quick=2, evening=100, documents=100)
    largest = max(SIZES)
    per_class = (largest + N_TEST) // 10
    digits = run.load(load_mnist_data, per_class, largest / (largest + N_TEST), seed=run.seed)
    parts = [run.part(f"{size} examples", train_on, run, digits, size, n_epochs) for size in SIZES]
    seconds, accuracies = [part["seconds"] for part in parts], [part["accuracy"] for part in parts]

    rows = [
        [size, f"{time:.1f}", f"{accuracy:.1f}"]
        for size, time, accuracy in zip(SIZES, seconds, accuracies, strict=True)
    ]
    run.table(
        "sizes", f"After {n_epochs} epochs", ["training examples", "training time (s)", "test accuracy (%)"], rows
    )
    factor = seconds[-1] / seconds[0]
    run.figure(
        "time",
        drawing.lines(
            {"training time": seconds}, SIZES, xlabel="training examples", ylabel=f"time for {n_epochs} epochs (s)"
        ),
        title=f"Four times the examples take {factor:.1f} times as long",
        alt="A line: the training time in seconds against the number of training examples.",
    )
    run.figure(
        "accuracy",
        drawing.lines({"test accuracy": accuracies}, SIZES, xlabel="training examples", ylabel="test accuracy (%)"),
        title=f"Four times the examples: from {accuracies[0]:.1f} % to {accuracies[-1]:.1f} % right",
        alt="A line: the accuracy on 1,000 test digits against the number of training examples.",
    )
    run.numbers |= {"seconds_at_2000": round(seconds[-1], 1), "accuracy_at_2000": round(accuracies[-1], 2)}


def train_on(run: Run, digits: Split, size: int, n_epochs: int) -> dict[str, Any]:
    """Train on the first `size` digits."""
    model = run.student("models").DigitClassifier()
    # the digits come in random order, so the first ones are a fair draw of every class
    train = digits.train_features[:size], digits.train_targets[:size]
    losses, _ = train_by_run_model(
        run, model, train, n_epochs=n_epochs, batch_size=BATCH_SIZE, learning_rate=LEARNING_RATE
    )
    _, accuracy = measure(run, model, (digits.test_features, digits.test_targets))
    return {"losses": losses["train"], "accuracy": accuracy}
