"""Draw simple colour pictures: a canvas, and the backgrounds of scenes.

Places on a canvas are (x, y) from 0 to 1, x to the right and y down. A canvas may move, turn and
mirror what is drawn on it, so that no two pictures of one thing are alike.
"""

import math
from collections.abc import Iterable

import numpy as np

from data.split import Array

Colour = tuple[int, int, int]  # red, green, blue, 0 to 255
Point = tuple[float, float]
FINER = 3  # a picture is drawn this much larger and then shrunk, so that its edges are smooth
CIRCLE = [(math.cos(angle), math.sin(angle)) for angle in np.linspace(0, 2 * math.pi, 16, endpoint=False).tolist()]


class Canvas:
    """A picture that is being drawn.

    Args:
        side: the height and width of the finished picture, in pixels.
        rng: decides everything that is random.
    """

    def __init__(self, side: int, rng: np.random.Generator) -> None:
        from PIL import Image, ImageDraw  # here, so that importing the loaders is cheap

        self.side, self.rng = side, rng
        self._image = Image.new("RGB", (side * FINER, side * FINER))
        self._draw = ImageDraw.Draw(self._image)
        self._matrix = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)

    def place(self, size: Point, shift: float, tilt: float) -> None:
        """Move, turn, scale and mirror at random what is drawn from now on.

        Args:
            size: the smallest and the largest scale.
            shift: how far things move at most.
            tilt: how far things turn at most, in degrees.
        """
        scale, angle = self.rng.uniform(*size), math.radians(self.rng.uniform(-tilt, tilt))
        x, y = self.rng.uniform(-shift, shift, 2)
        mirror = -1 if self.rng.random() < 0.5 else 1
        a, b = scale * math.cos(angle), scale * math.sin(angle)
        self._matrix = (
            a * mirror,
            -b,
            0.5 + x - 0.5 * (a * mirror - b),
            b * mirror,
            a,
            0.5 + y - 0.5 * (b * mirror + a),
        )

    def polygon(self, points: Iterable[Point], colour: Colour) -> None:
        """Fill a polygon."""
        a, b, c, d, e, f = self._matrix
        size = self.side * FINER
        self._draw.polygon([((a * x + b * y + c) * size, (d * x + e * y + f) * size) for x, y in points], fill=colour)

    def ellipse(self, centre: Point, radii: Point, colour: Colour, angle: float = 0) -> None:
        """Fill an ellipse, turned clockwise by an angle in degrees."""
        (x, y), (rx, ry) = centre, radii
        cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        self.polygon(
            ((x + rx * u * cos - ry * v * sin, y + rx * u * sin + ry * v * cos) for u, v in CIRCLE),
            colour,
        )

    def line(self, start: Point, end: Point, width: float, colour: Colour) -> None:
        """Draw a thick line."""
        (x1, y1), (x2, y2) = start, end
        half = width / 2 / (math.hypot(x2 - x1, y2 - y1) or 1)
        across, along = (y1 - y2) * half, (x2 - x1) * half
        corners = [
            (x1 + across, y1 + along),
            (x2 + across, y2 + along),
            (x2 - across, y2 - along),
            (x1 - across, y1 - along),
        ]
        self.polygon(corners, colour)

    def rectangle(self, corner: Point, opposite: Point, colour: Colour) -> None:
        """Fill a rectangle."""
        (x1, y1), (x2, y2) = corner, opposite
        self.polygon([(x1, y1), (x2, y1), (x2, y2), (x1, y2)], colour)

    def finish(self) -> Array:
        """The picture in a random light and with a little noise, uint8 of shape (side, side, 3)."""
        from PIL import Image

        pixels = np.asarray(self._image.resize((self.side, self.side), Image.Resampling.BOX), np.float32)
        light = self.rng.uniform(0.75, 1.15) * self.rng.uniform(0.92, 1.08, 3)
        noise = self.rng.standard_normal(pixels.shape, np.float32) * 7
        return np.clip(pixels * light + noise, 0, 255).astype(np.uint8)


def vary(rng: np.random.Generator, colour: Colour, amount: int = 18) -> Colour:
    """A colour near another one."""
    changes = rng.integers(-amount, amount + 1, 3).tolist()
    red, green, blue = (min(max(value + change, 0), 255) for value, change in zip(colour, changes, strict=True))
    return red, green, blue


def any_colour(rng: np.random.Generator) -> Colour:
    red, green, blue = rng.integers(25, 235, 3).tolist()
    return red, green, blue


def choose(rng: np.random.Generator, colours: list[Colour]) -> Colour:
    """One of some colours, varied."""
    return vary(rng, colours[int(rng.integers(len(colours)))])


SKY: list[Colour] = [(135, 190, 235), (190, 205, 215), (230, 190, 150), (90, 140, 200)]
GRASS: list[Colour] = [(90, 150, 70), (120, 140, 60), (150, 130, 80), (200, 180, 130), (225, 230, 235)]
ROAD: list[Colour] = [(110, 110, 115), (150, 145, 140), (85, 85, 95), (170, 150, 120)]
SEA: list[Colour] = [(40, 90, 140), (60, 120, 130), (90, 110, 130)]
WALL: list[Colour] = [(220, 205, 180), (160, 180, 170), (180, 140, 130), (120, 120, 150), (235, 235, 230)]
FLOOR: list[Colour] = [(150, 110, 75), (190, 170, 150), (120, 90, 90), (100, 110, 120)]


def two_halves(canvas: Canvas, upper: list[Colour], lower: list[Colour], horizon: Point) -> None:
    """A background of two halves, with a few blobs in each. `horizon` is from where to where."""
    rng = canvas.rng
    top, bottom = choose(rng, upper), choose(rng, lower)
    height = rng.uniform(*horizon)
    canvas.rectangle((0, 0), (1, 1), top)
    for _ in range(rng.integers(4)):
        _blob(canvas, top, 0, height)
    canvas.rectangle((0, height), (1, 1), bottom)
    for _ in range(rng.integers(4)):
        _blob(canvas, bottom, height, 1)


def outdoors(canvas: Canvas) -> None:
    two_halves(canvas, SKY if canvas.rng.random() < 0.7 else GRASS, GRASS, (0.3, 0.7))


def indoors(canvas: Canvas) -> None:
    two_halves(canvas, WALL, FLOOR, (0.5, 0.8))


def _blob(canvas: Canvas, near: Colour, top: float, bottom: float) -> None:
    rng = canvas.rng
    centre = (rng.uniform(0, 1), rng.uniform(top, bottom))
    radii = (rng.uniform(0.05, 0.3), min(rng.uniform(0.03, 0.12), (bottom - top) / 3))
    canvas.ellipse(centre, radii, vary(rng, near, 40))
