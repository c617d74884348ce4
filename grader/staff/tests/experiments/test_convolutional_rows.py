"""What is special in the experiments on dogs, clothes, digits and cats."""

from types import SimpleNamespace

import numpy as np
import torch

from data.dogs import Examples
from data.split import Split
from data.three_parts import ThreeParts
from src.experiments import cats_dogs, cats_dogs_pictures, dogs, drawing, fashion, synth_kernels, vgg
from src.experiments.progress import CountedDataset, Display


def test_shuffled_digits_have_their_pixels_in_one_order_in_both_parts():
    images = np.arange(5 * 784, dtype=np.float32).reshape(5, 28, 28)
    order = np.random.default_rng(0).permutation(784)
    changed = vgg.shuffled(Split(images[:3], images[3:], np.arange(3), np.arange(2)), order)
    together = np.concatenate([changed.train_features, changed.test_features])
    np.testing.assert_array_equal(together[0].ravel(), images[0].ravel()[order])
    # each pixel grew by 784 from image to image, and still does if all have the same order
    np.testing.assert_array_equal(np.diff(together, axis=0), 784)


def test_the_wider_network_has_about_as_many_parameters_as_small_vgg():
    n_parameters = sum(parameter.numel() for parameter in vgg.wider().parameters())
    assert abs(n_parameters - 839_802) < 0.01 * 839_802


def test_the_title_says_whether_the_test_loss_rises_again():
    assert "rises again after epoch 2, from 0.50 to 0.90" in fashion.rise([1.0, 0.5, 0.7, 0.9], 1000)
    assert "does not rise again in 3 epochs" in fashion.rise([1.0, 0.5, 0.51], 1000)


def test_more_patience_is_only_run_if_less_patience_stopped_the_training():
    def results(rule, n_epochs):
        """With a large learning rate the rule stops the training, with a small one it does not."""
        return {"losses": {"valid": [1.0] * (3 if rule.learning_rate > 1e-4 else n_epochs)}}

    done = []
    run = SimpleNamespace(part=lambda key, _work, *arguments: (done.append(key), results(*arguments[-2:]))[1])
    parts = dogs.train_by_each(run, make=None, sets=None, n_epochs=10)
    assert done == [dogs.RULES[0].label, dogs.RULES[2].label, dogs.RULES[3].label]
    assert parts[1] is parts[0]


def test_drawn_examples_keep_their_targets():
    examples = Examples(np.arange(20, dtype=np.float32), np.arange(20))
    chosen = dogs.drawn(examples, 7, seed=0)
    assert len(set(chosen.targets.tolist())) == 7
    np.testing.assert_array_equal(chosen.features, chosen.targets)
    assert dogs.drawn(examples, None, seed=0) is examples


def test_half_of_a_training_is_a_row_of_its_own():
    part = {"errors": {"train": [50.0, 40.0, 30.0, 20.0], "valid": [50.0, 45.0, 40.0, 42.0]}}
    rows = cats_dogs.search_rows(cats_dogs.Setting(0.1, 128, 4), part)
    assert [row[2:] for row in rows] == [[2, "yes", "60.0", "55.0"], [4, "yes", "80.0", "58.0"]]


def test_augmentation_changes_features_each_time_and_keeps_size_range_and_target():
    torch.manual_seed(0)
    images = np.random.default_rng(0).random((2, 3, 64, 64), np.float32)
    counted = CountedDataset(images, np.array([0, 1]), Display(), cats_dogs.augmentation())
    (first, target), (again, _) = counted[1], counted[1]
    assert target == 1
    assert first.shape == (3, 64, 64) and first.dtype == torch.float32
    assert first.min() >= 0 and first.max() <= 1
    assert not torch.equal(first, again)


def test_fewer_mistakes_than_places_leave_places_empty():
    images = ThreeParts(
        *[np.random.default_rng(0).random((4, 3, 64, 64), np.float32)] * 3, *[np.array([0, 0, 1, 1])] * 3
    )
    figure = cats_dogs_pictures.hard_grid(images, [np.array([1]), np.array([], np.int64)], ["a", "b", "c", "d"])
    drawn = [axes for axes in figure.axes if axes.images]
    assert [axes.get_title() for axes in drawn] == ["b"]
    assert len(figure.axes) == 2 * cats_dogs_pictures.N_HARD


def test_a_pair_of_lines_has_one_colour_and_two_styles():
    figure, axes = drawing.panels()
    drawing.draw_pairs(axes[0, 0], {"A": {"training": [1], "test": [2]}, "B": {"training": [3]}}, ylabel="loss")
    lines = axes[0, 0].get_lines()
    assert [line.get_label() for line in lines] == ["A, training", "A, test", "B, training"]
    assert lines[0].get_color() == lines[1].get_color() != lines[2].get_color()
    assert lines[0].get_linestyle() != lines[1].get_linestyle()
    assert figure.axes == [axes[0, 0]]


def test_the_orientation_of_a_kernel_is_how_much_its_rows_and_its_columns_differ():
    ramp = np.arange(5.0)
    np.testing.assert_allclose(synth_kernels.orientation(np.tile(ramp, (5, 1))), (0, 1), atol=1e-12)
    np.testing.assert_allclose(synth_kernels.orientation(np.tile(ramp[:, None], (1, 5))), (1, 0), atol=1e-12)
    np.testing.assert_allclose(synth_kernels.orientation(ramp[:, None] + ramp), (0.5, 0.5))
    random = np.random.default_rng(0).standard_normal((2000, 5, 5))
    by_chance = np.mean([synth_kernels.orientation(kernel) for kernel in random])
    assert abs(100 * by_chance - synth_kernels.BY_CHANCE) < 1
