#!/usr/bin/env python3
"""Makes the fixtures of geometries beside this file. Needs Shapely 2.

    relations.tsv   two geometries and their DE-9IM matrix, by GEOS
    locations.tsv   a polygon, a point and where it is (I inside, B on the boundary, E outside), by fractions
"""
import random
from fractions import Fraction
from math import nextafter
from pathlib import Path

import shapely
from shapely.geometry import LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon, box

folder = Path(__file__).parent
chance = random.Random(20)


def geometries(number):
    """Random geometries whose coordinates `number` draws."""

    def place():
        return (number(), number())

    def line():
        while True:
            places = [place() for _ in range(chance.randint(2, 6))]
            if chance.random() < 0.2:
                places.append(places[0])
            if len(set(places)) > 1:
                return LineString(places)

    def polygon():
        while True:
            if chance.random() < 0.3:
                (a, b), (c, d) = place(), place()
                shape = box(min(a, c), min(b, d), max(a, c), max(b, d))
            else:
                shape = Polygon([place() for _ in range(chance.randint(3, 7))])
            if not shape.is_valid or shape.area == 0:
                continue
            for _ in range(10 if chance.random() < 0.5 else 0):
                hole = Polygon([place() for _ in range(3)])
                if hole.is_valid and hole.area > 0 and shape.covers(hole):
                    pierced = Polygon(shape.exterior.coords, [hole.exterior.coords])
                    if pierced.is_valid:
                        return pierced
            return shape

    def several():
        while True:
            shape = MultiPolygon([polygon(), polygon()])
            if shape.is_valid:
                return shape

    makers = [lambda: Point(place()), lambda: MultiPoint([place() for _ in range(chance.randint(1, 4))]), line,
              lambda: MultiLineString([line() for _ in range(chance.randint(1, 3))]), polygon, several]
    while True:
        yield chance.choice(makers)()


def text(shape):
    return shapely.to_wkt(shape, rounding_precision=-1)


def is_told_right(shape):
    """GEOS takes several lines for closed as soon as the first one is."""
    return not (shape.geom_type == "MultiLineString" and shape.geoms[0].is_closed)


def relations():
    for number in [lambda: float(chance.randint(0, 5)), lambda: chance.randint(0, 40) / 10, lambda: chance.uniform(-75, -73)]:
        shapes = geometries(number)
        count = 0
        while count < 100:
            left, right = next(shapes), next(shapes)
            if chance.random() < 0.1:
                right = left
            if chance.random() < 0.2 and left.geom_type == "Polygon":
                corners = list(left.exterior.coords)
                right = LineString(corners[: chance.randint(2, len(corners))])
            if is_told_right(left) and is_told_right(right):
                count += 1
                yield "\t".join([text(left), text(right), shapely.relate(left, right)])


def location(ring, place):
    """Where a place is, without rounding."""
    x, y = map(Fraction, place)
    inside = False
    for (ax, ay), (bx, by) in zip(ring, ring[1:]):
        ax, ay, bx, by = map(Fraction, (ax, ay, bx, by))
        side = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
        if side == 0 and min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by):
            return "B"
        if (ay > y) != (by > y) and (side > 0) == (by > ay):
            inside = not inside
    return "I" if inside else "E"


def locations():
    count = 0
    while count < 240:
        size = chance.choice([1.0, 75.0, 1e-9, 1e12])
        ring = [(chance.uniform(-size, size), chance.uniform(-size, size)) for _ in range(chance.randint(3, 8))]
        ring.append(ring[0])
        if not Polygon(ring).is_valid:
            continue
        (ax, ay), (bx, by) = chance.choice(list(zip(ring, ring[1:])))
        share = chance.choice([0, 0.25, 0.5, chance.random(), 1])
        place = [ax + (bx - ax) * share, ay + (by - ay) * share]
        # The nearest doubles around a place of the boundary are where rounding would err.
        for axis in (0, 1):
            for _ in range(chance.randint(0, 2)):
                place[axis] = nextafter(place[axis], chance.choice([-1, 1]) * float("inf"))
        count += 1
        corners = ", ".join(f"{x!r} {y!r}" for x, y in ring)
        yield "\t".join([f"POLYGON (({corners}))", f"POINT ({place[0]!r} {place[1]!r})", location(ring, place)])


for name, rows in [("relations.tsv", relations()), ("locations.tsv", locations())]:
    (folder / name).write_text("".join(row + "\n" for row in rows))
