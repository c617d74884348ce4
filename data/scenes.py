"""Drawn scenes: the stand-in for the photographs of CIFAR-10, and of cats and dogs.

Each picture is new: place, size, colours, background and light are random. Colours tell little, so
a network has to look at shapes. (Measured on 2,000 training and 500 test scenes: a fully connected
network reached 48 %, a small convolutional one 76 %, and 10 % is chance.)
"""

from collections.abc import Callable

import numpy as np

from data.animals import DEER, FURS, HORSE, draw_animal, in_any_fur, some_cat, some_dog
from data.drawing import (
    GRASS,
    ROAD,
    SEA,
    SKY,
    Canvas,
    Colour,
    any_colour,
    choose,
    indoors,
    outdoors,
    two_halves,
)
from data.split import Array

GLASS: Colour = (170, 200, 215)
RUBBER: Colour = (30, 30, 32)


def draw_scenes(labels: Array, rng: np.random.Generator, side: int = 32) -> Array:
    """Draw a scene for each label.

    Args:
        labels: numbers of the classes in `data.cifar10.CLASSES`, int64 of shape (N,).
        rng: decides everything that is random.
        side: the height and width of the pictures in pixels.

    Returns:
        uint8 of shape (N, side, side, 3), channels last.
    """
    pictures = np.empty((len(labels), side, side, 3), np.uint8)
    for index, label in enumerate(labels.tolist()):
        canvas = Canvas(side, rng)
        SCENES[label](canvas)
        pictures[index] = canvas.finish()
    return pictures


def airplane(canvas: Canvas) -> None:
    two_halves(canvas, SKY, SKY if canvas.rng.random() < 0.6 else ROAD, (0.7, 0.95))
    canvas.place((0.75, 1.1), 0.1, 25)
    colour = any_colour(canvas.rng)
    canvas.polygon([(0.75, 0.5), (0.92, 0.25), (0.97, 0.25), (0.9, 0.5)], colour)
    canvas.ellipse((0.5, 0.5), (0.43, 0.07), colour)
    dark = any_colour(canvas.rng)
    canvas.polygon([(0.4, 0.5), (0.62, 0.5), (0.78, 0.78), (0.68, 0.78)], dark)
    canvas.polygon([(0.45, 0.46), (0.58, 0.46), (0.68, 0.28), (0.62, 0.28)], dark)
    canvas.ellipse((0.15, 0.485), (0.04, 0.025), GLASS)


def automobile(canvas: Canvas) -> None:
    two_halves(canvas, SKY if canvas.rng.random() < 0.6 else GRASS, ROAD, (0.35, 0.7))
    canvas.place((0.75, 1.1), 0.1, 6)
    colour = any_colour(canvas.rng)
    canvas.polygon([(0.27, 0.5), (0.37, 0.33), (0.65, 0.33), (0.78, 0.5)], colour)
    canvas.polygon([(0.34, 0.49), (0.4, 0.37), (0.5, 0.37), (0.5, 0.49)], GLASS)
    canvas.polygon([(0.53, 0.49), (0.53, 0.37), (0.63, 0.37), (0.71, 0.49)], GLASS)
    canvas.ellipse((0.5, 0.58), (0.42, 0.12), colour)
    for x in (0.28, 0.72):
        _wheel(canvas, x, 0.66, 0.085)


def bird(canvas: Canvas) -> None:
    two_halves(canvas, SKY if canvas.rng.random() < 0.6 else GRASS, GRASS, (0.55, 0.95))
    canvas.place((0.7, 1.15), 0.12, 20)
    colour, wing = choose(canvas.rng, FURS), any_colour(canvas.rng)
    canvas.polygon([(0.65, 0.5), (0.93, 0.47 + canvas.rng.uniform(-0.08, 0.1)), (0.9, 0.6), (0.65, 0.6)], colour)
    for x in (0.45, 0.52):
        canvas.line((x, 0.6), (x - 0.01, 0.82), 0.02, (140, 90, 40))
    canvas.ellipse((0.5, 0.53), (0.22, 0.14), colour, 10)
    canvas.ellipse((0.3, 0.36), (0.1, 0.1), colour)
    canvas.line((0.33, 0.4), (0.4, 0.5), 0.14, colour)
    canvas.polygon([(0.22, 0.33), (0.22, 0.4), (0.1, 0.37)], (225, 150, 40))
    if canvas.rng.random() < 0.5:  # it spreads a wing
        canvas.polygon([(0.42, 0.5), (0.62, 0.52), (0.72, 0.15)], wing)
    canvas.ellipse((0.56, 0.53), (0.13, 0.07), wing, 15)
    canvas.ellipse((0.27, 0.34), (0.018, 0.018), RUBBER)


def cat(canvas: Canvas) -> None:
    _pet(canvas, at_home=0.7)
    draw_animal(canvas, some_cat(canvas.rng))


def deer(canvas: Canvas) -> None:
    outdoors(canvas)
    canvas.place((0.75, 1.05), 0.08, 6)
    draw_animal(canvas, in_any_fur(DEER, FURS, canvas.rng))


def dog(canvas: Canvas) -> None:
    _pet(canvas, at_home=0.3)
    draw_animal(canvas, some_dog(canvas.rng))


def frog(canvas: Canvas) -> None:
    two_halves(canvas, GRASS, GRASS if canvas.rng.random() < 0.6 else SEA, (0.3, 0.8))
    canvas.place((0.75, 1.15), 0.12, 20)
    colour = choose(canvas.rng, [(90, 140, 50), (130, 120, 60), (70, 100, 60), (150, 90, 50)])
    dark: Colour = (colour[0] * 2 // 3, colour[1] * 2 // 3, colour[2] * 2 // 3)
    canvas.ellipse((0.75, 0.62), (0.2, 0.12), dark, -25)
    canvas.line((0.72, 0.72), (0.92, 0.76), 0.05, dark)
    canvas.ellipse((0.5, 0.58), (0.3, 0.17), colour, 20)
    canvas.ellipse((0.27, 0.48), (0.15, 0.12), colour)
    canvas.line((0.38, 0.65), (0.3, 0.78), 0.06, dark)
    canvas.ellipse((0.25, 0.37), (0.06, 0.06), colour)
    canvas.ellipse((0.24, 0.36), (0.035, 0.035), (220, 200, 80))
    canvas.ellipse((0.24, 0.36), (0.018, 0.018), RUBBER)
    for x, y in canvas.rng.uniform(-0.1, 0.15, (4, 2)).tolist():
        canvas.ellipse((0.52 + x, 0.54 + y * 0.6), (0.025, 0.02), dark)


def horse(canvas: Canvas) -> None:
    outdoors(canvas)
    canvas.place((0.75, 1.05), 0.08, 6)
    draw_animal(canvas, in_any_fur(HORSE, FURS, canvas.rng))


def ship(canvas: Canvas) -> None:
    two_halves(canvas, SKY, SEA, (0.5, 0.7))
    canvas.place((0.75, 1.15), 0.1, 6)
    hull = any_colour(canvas.rng)
    if canvas.rng.random() < 0.4:  # a sailing boat
        canvas.line((0.5, 0.1), (0.5, 0.6), 0.02, RUBBER)
        canvas.polygon([(0.52, 0.12), (0.52, 0.55), (0.8, 0.55)], (235, 230, 220))
        canvas.polygon([(0.48, 0.18), (0.48, 0.55), (0.25, 0.55)], any_colour(canvas.rng))
    else:
        canvas.rectangle((0.35, 0.42), (0.75, 0.58), (230, 228, 220))
        canvas.rectangle((0.5, 0.25), (0.6, 0.42), any_colour(canvas.rng))
        for x in (0.42, 0.52, 0.62):
            canvas.rectangle((x, 0.46), (x + 0.04, 0.5), RUBBER)
    canvas.polygon([(0.08, 0.57), (0.92, 0.57), (0.8, 0.75), (0.2, 0.75)], hull)


def truck(canvas: Canvas) -> None:
    two_halves(canvas, SKY if canvas.rng.random() < 0.6 else GRASS, ROAD, (0.35, 0.7))
    canvas.place((0.75, 1.1), 0.1, 6)
    canvas.rectangle((0.36, 0.25), (0.92, 0.64), any_colour(canvas.rng))
    cab = any_colour(canvas.rng)
    canvas.polygon([(0.1, 0.64), (0.1, 0.5), (0.18, 0.36), (0.34, 0.36), (0.34, 0.64)], cab)
    canvas.polygon([(0.14, 0.49), (0.2, 0.39), (0.3, 0.39), (0.3, 0.49)], GLASS)
    canvas.rectangle((0.1, 0.63), (0.92, 0.68), RUBBER)
    for x in (0.22, 0.64, 0.8):
        _wheel(canvas, x, 0.69, 0.075)


def _pet(canvas: Canvas, at_home: float) -> None:
    (indoors if canvas.rng.random() < at_home else outdoors)(canvas)
    canvas.place((0.8, 1.2), 0.1, 8)


def _wheel(canvas: Canvas, x: float, y: float, radius: float) -> None:
    canvas.ellipse((x, y), (radius, radius), RUBBER)
    canvas.ellipse((x, y), (radius / 2, radius / 2), (170, 170, 175))


SCENES: tuple[Callable[[Canvas], None], ...] = (  # in the order of the labels
    airplane,
    automobile,
    bird,
    cat,
    deer,
    dog,
    frog,
    horse,
    ship,
    truck,
)
