"""Drawn animals, seen from the side: ten breeds of dogs, cats, deer and horses."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from data.drawing import Canvas, Colour, vary

BLACK: Colour = (35, 30, 30)
WHITE: Colour = (238, 236, 230)
GREY: Colour = (120, 125, 130)
GOLD: Colour = (205, 160, 90)
BROWN: Colour = (130, 80, 45)
TAN: Colour = (185, 130, 75)
FAWN: Colour = (200, 170, 125)


@dataclass(frozen=True)
class Animal:
    """What an animal looks like. Lengths are shares of the picture's side."""

    coat: Colour
    second: Colour  # of the pattern
    pattern: Literal["plain", "spots", "stripes", "patches", "mask", "curls", "long"] = "plain"
    body: tuple[float, float] = (0.22, 0.12)  # half the length and height of the trunk
    legs: float = 0.2
    head: float = 0.1  # its radius
    snout: float = 0.09
    ears: Literal["pointed", "hanging", "tufts"] = "pointed"
    ear: float = 0.08  # how long
    tail: Literal["up", "down", "curled", "thin", "long"] = "up"
    neck: float = 0.06  # how far the head is above the trunk
    extra: Literal["", "antlers", "mane", "whiskers"] = ""


BREEDS = {  # the names of DogSet's breeds in the order of its labels; each drawing takes after its breed
    "samoyed": Animal(WHITE, (215, 212, 205), "long", (0.23, 0.15), 0.15, 0.115, 0.06, "pointed", 0.07, "curled"),
    "miniature_poodle": Animal(
        (150, 140, 140), (110, 100, 100), "curls", (0.15, 0.1), 0.22, 0.09, 0.08, "hanging", 0.09, "up"
    ),
    "golden_retriever": Animal(
        GOLD, (175, 125, 60), "plain", (0.24, 0.125), 0.19, 0.105, 0.09, "hanging", 0.08, "down"
    ),
    "great_dane": Animal(FAWN, BLACK, "mask", (0.22, 0.105), 0.29, 0.09, 0.1, "pointed", 0.06, "thin", 0.1),
    "dalmatian": Animal(WHITE, BLACK, "spots", (0.23, 0.11), 0.23, 0.095, 0.085, "hanging", 0.06, "thin", 0.08),
    "collie": Animal(TAN, WHITE, "patches", (0.24, 0.14), 0.17, 0.085, 0.13, "tufts", 0.06, "down"),
    "siberian_husky": Animal(GREY, WHITE, "mask", (0.23, 0.125), 0.19, 0.105, 0.07, "pointed", 0.085, "curled"),
    "yorkshire_terrier": Animal((95, 90, 95), TAN, "long", (0.17, 0.11), 0.09, 0.1, 0.045, "pointed", 0.08, "up", 0.05),
    "chihuahua": Animal(FAWN, TAN, "plain", (0.14, 0.08), 0.15, 0.11, 0.05, "pointed", 0.14, "thin"),
    "saint_bernard": Animal(WHITE, BROWN, "patches", (0.26, 0.16), 0.16, 0.13, 0.065, "hanging", 0.1, "down"),
}
DEER = Animal(BROWN, WHITE, "spots", (0.19, 0.095), 0.27, 0.07, 0.07, "pointed", 0.07, "thin", 0.14, "antlers")
HORSE = Animal(BROWN, BLACK, "plain", (0.24, 0.125), 0.26, 0.075, 0.13, "pointed", 0.045, "down", 0.13, "mane")
CAT = Animal(GREY, BLACK, "plain", (0.17, 0.09), 0.14, 0.125, 0.02, "pointed", 0.1, "long", 0.04, "whiskers")
ORANGE: Colour = (215, 130, 60)
FURS: list[Colour] = [BLACK, WHITE, GREY, GOLD, BROWN, TAN, FAWN]
CAT_FURS: list[Colour] = [BLACK, WHITE, GREY, ORANGE]


def some_dog(rng: np.random.Generator) -> Animal:
    """A dog of any breed, in any dog's colours."""
    breeds = list(BREEDS.values())
    return in_any_fur(breeds[int(rng.integers(len(breeds)))], FURS, rng)


def some_cat(rng: np.random.Generator) -> Animal:
    """A cat with any pattern, in any cat's colours."""
    patterns: list[Literal["plain", "stripes", "patches"]] = ["plain", "stripes", "stripes", "patches"]
    return replace(in_any_fur(CAT, CAT_FURS, rng), pattern=patterns[int(rng.integers(4))])


def in_any_fur(animal: Animal, furs: list[Colour], rng: np.random.Generator) -> Animal:
    """The animal in two of these colours."""
    coat, second = rng.choice(len(furs), 2, replace=False).tolist()
    return replace(animal, coat=furs[coat], second=furs[second])


def draw_animal(canvas: Canvas, animal: Animal) -> None:
    """Draw an animal that looks to the left, each time with slightly other proportions."""
    animal = _varied(animal, canvas.rng)
    length, height = animal.body
    middle = 0.8 - animal.legs - height  # of the trunk: the feet are at 0.8
    head = (0.5 - length - 0.02, middle - height - animal.neck)
    _tail(canvas, animal, (0.5 + length, middle - height / 2))
    _legs(canvas, animal, middle)
    canvas.ellipse((0.5, middle), animal.body, animal.coat)
    canvas.line((0.5 - length * 0.7, middle), head, animal.head * 1.1, animal.coat)
    _pattern(canvas, animal, middle)
    if animal.extra == "mane":
        canvas.line((0.5 - length * 0.4, middle - height), (head[0] + 0.05, head[1] - 0.05), 0.05, animal.second)
    _head(canvas, animal, head)


def _varied(animal: Animal, rng: np.random.Generator) -> Animal:
    more = rng.uniform(0.85, 1.15, 8)
    return replace(
        animal,
        coat=vary(rng, animal.coat),
        second=vary(rng, animal.second),
        body=(animal.body[0] * more[0], animal.body[1] * more[1]),
        legs=animal.legs * more[2],
        head=animal.head * more[3],
        snout=animal.snout * more[4],
        ear=animal.ear * more[5],
        neck=animal.neck * more[6] + rng.uniform(-0.04, 0.02),
    )


def _darker(colour: Colour) -> Colour:
    red, green, blue = colour
    return red * 3 // 4, green * 3 // 4, blue * 3 // 4


def _legs(canvas: Canvas, animal: Animal, middle: float) -> None:
    """Two legs on the far side, darker, and two on the near side, in mid-stride."""
    length = animal.body[0]
    for side, colour in ((0.03, _darker(animal.coat)), (0.0, animal.coat)):
        for hip in (0.5 - length * 0.7 + side, 0.5 + length * 0.75 - side):
            step = canvas.rng.uniform(-0.06, 0.06)
            canvas.line((hip, middle), (hip + step, 0.8), 0.05 if animal.pattern != "curls" else 0.07, colour)


def _tail(canvas: Canvas, animal: Animal, start: tuple[float, float]) -> None:
    x, y = start
    if animal.tail == "curled":
        canvas.ellipse((x, y - 0.06), (0.09, 0.07), animal.coat)
        return
    rise = {"up": -0.17, "long": -0.3, "thin": -0.02, "down": 0.16}[animal.tail] + canvas.rng.uniform(-0.06, 0.06)
    canvas.line((x - 0.04, y), (x + 0.11, y + rise), 0.03 if animal.tail == "thin" else 0.055, animal.coat)


def _pattern(canvas: Canvas, animal: Animal, middle: float) -> None:
    """What the coat looks like on the trunk."""
    rng, (length, height), colour = canvas.rng, animal.body, animal.second
    if animal.pattern == "spots":
        for x, y in rng.uniform(-0.75, 0.75, (14, 2)).tolist():
            canvas.ellipse((0.5 + x * length, middle + y * height * 0.9), (0.018, 0.016), colour)
    elif animal.pattern == "stripes":
        for x in np.linspace(-0.7, 0.7, 6).tolist():
            at = 0.5 + x * length
            canvas.line((at, middle - height * 0.85), (at + 0.02, middle + height * 0.4), 0.022, colour)
    elif animal.pattern == "patches":
        for x in rng.uniform(-0.6, 0.6, 2).tolist():
            canvas.ellipse(
                (0.5 + x * length, middle - height * 0.25), (0.09, height * 0.65), colour, rng.uniform(-20, 20)
            )
    elif animal.pattern == "curls":
        for x, y in rng.uniform(-0.9, 0.9, (16, 2)).tolist():
            canvas.ellipse((0.5 + x * length, middle + y * height), (0.035, 0.035), vary(rng, colour, 30))
    elif animal.pattern == "long":  # hair that hangs down
        for x in np.linspace(-0.95, 0.95, 12).tolist():
            at = 0.5 + x * length
            end = (at + rng.uniform(-0.03, 0.03), middle + height * 1.35)
            canvas.line((at, middle), end, 0.03, vary(rng, colour if rng.random() < 0.6 else animal.coat, 8))


def _head(canvas: Canvas, animal: Animal, centre: tuple[float, float]) -> None:
    (x, y), size = centre, animal.head
    if animal.extra == "antlers":
        for turn in (-0.03, 0.06):
            canvas.line((x, y - size), (x + turn, y - size - 0.16), 0.02, (90, 70, 50))
            canvas.line((x + turn / 2, y - size - 0.08), (x + turn - 0.07, y - size - 0.13), 0.018, (90, 70, 50))
    if animal.ears == "pointed":
        for at in (-0.45, 0.55):
            _pointed_ear(canvas, (x + at * size, y - size * 0.55), animal.ear, animal.coat)
    canvas.ellipse(centre, (size, size * 0.95), animal.coat)
    muzzle = animal.second if animal.pattern in ("mask", "patches") else animal.coat
    canvas.ellipse((x - size * 0.6 - animal.snout / 2, y + size * 0.3), (animal.snout, size * 0.42), muzzle)
    if animal.pattern == "curls":
        canvas.ellipse((x + size * 0.2, y - size * 0.7), (size * 0.75, size * 0.6), vary(canvas.rng, animal.coat, 30))
    if animal.ears == "hanging":
        canvas.ellipse((x + size * 0.55, y + animal.ear / 2), (0.038, animal.ear), _darker(animal.coat))
    elif animal.ears == "tufts":
        _pointed_ear(canvas, (x + size * 0.4, y - size * 0.6), animal.ear, _darker(animal.coat))
    canvas.ellipse((x - size * 0.35, y - size * 0.15), (0.017, 0.017), BLACK)
    tip = (x - size * 0.6 - animal.snout * 1.4, y + size * 0.25)
    canvas.ellipse(tip, (0.02, 0.018), BLACK)
    if animal.extra == "whiskers":
        for rise in (-0.03, 0.02):
            canvas.line(tip, (tip[0] - 0.1, tip[1] + rise), 0.01, WHITE)


def _pointed_ear(canvas: Canvas, foot: tuple[float, float], length: float, colour: Colour) -> None:
    x, y = foot
    canvas.polygon([(x - 0.045, y), (x + 0.045, y), (x, y - length)], colour)
