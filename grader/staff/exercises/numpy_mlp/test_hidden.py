"""Hidden checks of src/numpy_mlp.py: other inputs, what must not change, batches, fit, speed."""

import numpy as np
import pytest
from gradescope_utils.autograder_utils.decorators import number, weight

from grader.exercises.inputs import examples, mlp
from grader.exercises.numpy_mlp import probes
from grader.judging.compare import compare
from grader.judging.measure import accuracy, relu_network
from grader.staff.exercises.arguments import with_right
from grader.staff.exercises.numpy_mlp.orders import NEAR, explaining, outcomes

DEEP = (7, 6, 5, 5, 4)
GRADIENTS = ("weight gradients", "bias gradients")
WIDE = (300, 400, 10)
FULL_BATCH = dict(n_epochs=3, batch_size=6, learning_rate=0.3)
SLOW, TOO_SLOW, TIMES, STEPS = 3, 10, 3, 200


def needs_right(rng, *names):
    """Questions, for `needs`, of methods that must be right first."""
    net, batch = mlp(rng), examples(rng, 6)
    questions = {
        "forward": (probes.mlp_forward, dict(net=net, inputs=batch[:1]), ("probabilities",)),
        "loss": (probes.mlp_loss, dict(net=net, batches=[batch]), ("loss",)),
        "backward": (probes.mlp_backward, dict(net=net, batches=[batch]), GRADIENTS),
        "wide backward": (probes.mlp_wide_sums, wide_arguments(rng), ("sums",)),
        "fit": (probes.mlp_fit, dict(net=net, x=batch[0], y=batch[1], **FULL_BATCH), ("states",)),
    }
    return [questions[name] for name in names]


def wide_arguments(rng):
    (x, y), seed, signs = examples(rng, 3, WIDE), *map(int, rng.integers(2**31, size=2))
    return dict(sizes=list(WIDE), seed=seed, x=x, y=y, signs=signs)


def require_unchanged(check, got, key, sent, what):
    """Require that the submission left alone what it was given."""
    check.require(compare(sent, got[key]) is None, f"NumpyMLP changes {what}.", only=(key,))


@number("8.9")
@weight(1)
def test_forward_of_other_inputs(check, rng):
    """forward takes any depth, dtype and batch size, and large numbers, and changes nothing."""
    needs = needs_right(rng, "forward")
    for activation in ("relu", "sigmoid"):
        net, x = mlp(rng, DEEP, activation), examples(rng, 6, DEEP)[0]
        inputs = [
            x,
            x[:1],
            np.round(9 * x).astype(np.int64),
            np.abs(9 * x).astype(np.uint8),
            x.astype(np.float32),
            2000 * x,
        ]
        wrong = with_right(rng, [x[:, :-1], x[0], x[None], x[..., None]], x)
        keys = ("probabilities", "again", "raised")
        got = check.agree(probes.mlp_forward, only=keys, needs=needs, net=net, inputs=inputs, wrong=wrong)
        require_unchanged(check, got, "inputs", inputs, "the inputs that it is given")
        require_unchanged(check, got, "weights", net["weights"], "weights of the model")


@number("8.10")
@weight(1)
def test_loss_of_other_labels(agree, rng):
    """loss takes any labels and stays finite; it, backward and fit refuse wrong arguments."""
    net = mlp(rng, DEEP)
    net["weights"][-1] *= rng.choice([-1, 1], net["weights"][-1].shape) * 3000
    batches = [examples(rng, n, DEEP) for n in (9, 1, 6, 5)]
    for batch, dtype in zip(batches, (np.int64, np.int32, np.uint8, np.int8), strict=True):
        batch[1] = batch[1].astype(dtype)
    (x, y), beyond, minus_one = batches[0], np.array([4] + [0] * 8), np.array([-1] + [0] * 8)
    longer = np.append(y, 0)
    wrong = [[x, y[:-1]], [x, longer], [x, y[:, None]], [x, beyond], [x, -beyond], [x, minus_one]]
    wrong = with_right(rng, [*wrong, [x[:, :-1], y], [x[..., None], y]], [x, y])
    keys = ("loss", "raised", "batches", "weights", "biases")
    agree(probes.mlp_loss, only=keys, needs=needs_right(rng, "forward", "loss"), net=net, batches=batches, wrong=wrong)
    agree(probes.mlp_backward, only=("raised",), net=net, batches=batches[:1], wrong=wrong)
    whole = dict(x=np.round(9 * x).astype(np.int32), y=y.astype(np.int8))
    training = whole | dict(n_epochs=1, batch_size=3, learning_rate=0.1)
    agree(probes.mlp_fit, only=("raised",), net=mlp(rng, DEEP), wrong=[-1], unfit=wrong, **training)


@number("8.11")
@weight(1)
@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
def test_backward_of_deep_networks(check, rng, activation):
    """backward handles deep {activation} nets, large logits, a ReLU at 0; it changes nothing."""
    net, needs = mlp(rng, DEEP, activation), needs_right(rng, "forward", "wide backward")
    batches = [examples(rng, n, DEEP) for n in (10, 1, 4)]
    batches[2][0] *= 1500
    batches[0][0][0], net["biases"][0][::2] = 0, 0  # so ReLU gets exactly 0
    batches[0][1] = batches[0][1].astype(np.uint8)
    batches[1][0] = np.round(3 * batches[1][0]).astype(np.int64)
    keys = (*GRADIENTS, "before")
    got = check.agree(probes.mlp_backward, only=keys, needs=needs, net=net, batches=batches, first=False)
    require_unchanged(check, got, "batches", batches, "the examples or labels")
    require_unchanged(check, got, "weights", net["weights"], "weights of the model")


@number("8.12")
@weight(1)
def test_fit_order_of_examples(check, rng):
    """fit takes each example once an epoch, in orders that the seed decides; it averages losses."""
    check.block_unless(needs_right(rng, "loss", "backward", "wide backward"))
    sizes = (4, 3)
    net, (x, y), rate = mlp(rng, sizes), examples(rng, 5, sizes), 0.7
    training = dict(n_epochs=2, batch_size=2, learning_rate=rate)
    seeds = [int(seed) for seed in rng.permutation(1000)[:5]]
    got = check.ask(probes.mlp_fit, net=net, x=x, y=y, seeds=[*seeds, seeds[0]], wrong=[0], **training)
    possible = outcomes(net, x, y, training["batch_size"], rate)
    options = [explaining(possible, after) for after in got["states"]]
    sentence = "fit's steps are not those of two epochs that take each example once, in batches of batch_size."
    check.require(all(options), sentence, only=("states",), rtol=NEAR)
    losses = [choices[0][0] for choices in options]
    sentence = "fit's losses are not the means over each epoch's examples, taken just before the step of each batch."
    check.require(compare(losses, got["losses"], rtol=NEAR) is None, sentence, only=("losses", "states"), rtol=NEAR)
    orders = [choices[0][1] for choices in options]
    new = any(first != second for first, second in orders) and len({first for first, _ in orders}) > 1
    check.require(new, "fit takes the examples in the same order in every epoch.", only=("states",), rtol=NEAR)
    sentence = "fit's order of the examples does not follow from the model's seed."
    check.require(orders[0] == orders[-1], sentence, only=("states",), rtol=NEAR)
    require_unchanged(check, got, "data", [[x, y]] * 6, "the examples or labels, or their order")
    check.require(got["raised"] == ["ValueError"], "fit should raise ValueError for batch_size=0.", only=("raised",))


@number("8.13")
@weight(1)
def test_evaluate(agree, rng):
    """evaluate gives the loss and the accuracy in percent, for any dtypes, and changes nothing."""
    sets = [examples(rng, n, DEEP) for n in (40, 7, 1)]
    sets[1] = [np.round(3 * sets[1][0]).astype(np.int64), sets[1][1].astype(np.uint8)]
    keys = ("loss", "accuracy", "sets", "weights", "biases")
    agree(probes.mlp_evaluate, only=keys, needs=needs_right(rng, "forward", "loss"), net=mlp(rng, DEEP), sets=sets)


def out_in(state):
    """A network's weights (out, in) and biases, layer by layer, as one list."""
    pairs = zip(state["weights"], state["biases"], strict=True)
    return [array for matrix, bias in pairs for array in (matrix.T, bias)]


@number("8.14")
@weight(1)
@pytest.mark.timeout(30)
@pytest.mark.full(1500)
@pytest.mark.trains
def test_fit_learns_digits(check, rng, thresholds):
    """fit learns handwritten digits from Glorot's weights, and nothing from zeros."""
    check.block_unless(needs_right(rng, "fit"))
    # Small steps at the end, because after large ones the accuracy varies from step to step.
    sizes, trainings = [784, 64, 10], [dict(n_epochs=15, batch_size=10, learning_rate=0.1)]
    trainings.append(trainings[0] | dict(n_epochs=3, learning_rate=0.02))
    if check.data == "full":
        sizes, trainings = [784, 666, 666, 10], [dict(n_epochs=10, batch_size=100, learning_rate=0.1)]
        data = check.whole_mnist()
    else:
        data = check.digits(examples_per_class=300, fraction=0.8, seed=int(rng.integers(2**31)))
    labels, pixels = rng.permutation(10), rng.permutation(784)  # nothing learnt from elsewhere fits these digits
    (x, y), (unseen, y_test) = data.values()
    x, unseen = (images.reshape(len(images), -1)[:, pixels] for images in (x, unseen))
    x_test = unseen / (255 if unseen.dtype == np.uint8 else 1)
    question = dict(sizes=sizes, x=x, y=labels[y], seed=int(rng.integers(1000)), trainings=trainings)
    logits = relu_network(out_in(check.ask(probes.mlp_trained, init="glorot", **question)), x_test)
    reached = accuracy(logits, labels[y_test])
    if check.data == "full":
        check.show("NumpyMLP: accuracy after ten epochs in %", reached, documents=97.86)
    least = thresholds("NumpyMLP's accuracy", check.data)
    check.at_least(reached, least, "NumpyMLP's accuracy on test images after fit")
    few = question | {"x": x[:200], "y": labels[y[:200]], "sizes": [784, 20, 10]}
    few["trainings"] = [trainings[0] | {"n_epochs": 2}]
    logits = relu_network(out_in(check.ask(probes.mlp_trained, init="zero", **few)), x_test)
    stays = np.isfinite(logits).all() and len(set(logits.argmax(axis=1))) == 1
    check.require(stays, 'After fit from init="zero", NumpyMLP does not predict one class for all images.')


@number("8.15")
@weight(1)
@pytest.mark.timeout(15)
@pytest.mark.trains
def test_speed(check, rng):
    """A step takes at most ten times as long as the reference's."""
    check.block_unless(needs_right(rng, "backward"))
    sizes = (64, 64, 10)
    x, y = examples(rng, 500, sizes)
    question = dict(net=mlp(rng, sizes), x=x, y=y, steps=STEPS, learning_rate=0.01)
    own, reference = np.inf, 0.0
    for _ in range(TIMES):  # a busy machine makes some times too long; the submission gets the benefit
        got, seconds = check.timed(probes.mlp_steps, **question)
        expected, expected_seconds = check.timed_reference(probes.mlp_steps, **question)
        sentence = f"NumpyMLP's weights after {STEPS} steps on the same batch are wrong."
        check.require(compare(expected, got, rtol=1e-6) is None, sentence)
        own, reference = min(own, seconds), max(reference, expected_seconds)
        ratio = own / reference
        if not SLOW < ratio < 3 * TOO_SLOW:
            break
    if ratio > SLOW:
        check.notes.append(f"A step takes {ratio:.0f} times as long as the reference's.")
    sentence = (
        f"A step takes {ratio:.0f} times as long as the reference's: let NumPy compute all examples of a batch at once."
    )
    check.require(ratio <= TOO_SLOW, sentence)
