#!/usr/bin/env python3
"""Writes what scikit-learn's scores for SelectKBest say of small tables, for `make test`.

    Tests/Peers/selection.py Tests/Fixtures/selection
"""
import json
import os
import sys

import numpy as np
from sklearn.datasets import load_diabetes, load_iris, load_wine
from sklearn.feature_selection import chi2, f_classif, f_regression, r_regression
from sklearn.metrics import mutual_info_score

RANGES = 20


def codes(values):
    """Values as ranges: up to 20 different ones each by itself, others cut at values of equally distant ranks."""
    if len(np.unique(values)) <= RANGES:
        return np.unique(values, return_inverse=True)[1]
    ordered = np.sort(values)
    cuts = [ordered[-(-part * len(values) // RANGES) - 1] for part in range(1, RANGES)]
    return np.searchsorted(np.unique([cut for cut in cuts if cut < ordered[-1]]), values, side="left")


def numbers(values):
    return [None if np.isnan(value) else float(value) for value in values]


def tables():
    random = np.random.default_rng(3)
    rows = 400
    label = random.integers(0, 3, rows)
    # As hashed words: mostly zeros; one that says nothing, one that does not differ.
    words = np.stack([
        (random.random(rows) < .1 + .2 * (label == 1)) * random.integers(1, 4, rows), random.random(rows) < .05,
        np.zeros(rows), (label == 2) * 2.5 + (random.random(rows) < .1), random.poisson(.3 + label / 2),
    ], axis=1).astype(float)
    yield "words", words, label, True
    for name, load, classes in [("iris", load_iris, True), ("wine", load_wine, True), ("diabetes", load_diabetes, False)]:
        data = load()
        yield name, data.data, data.target, classes
    # Far from 0, where sums of squares lose their digits.
    yield "far", random.normal(size=(rows, 3)) + 1e8 + label[:, None] * [0, 1, 0], label, True
    yield "effect", np.where(random.random((rows, 3)) < .8, 0, random.normal(size=(rows, 3))), random.normal(size=rows), False


def main(folder):
    os.makedirs(folder, exist_ok=True)
    found = {}
    for name, values, label, is_classes in tables():
        scores = {"variance": numbers(values.var(axis=0))}
        target = label if is_classes else codes(label)
        scores["mutual-information"] = [mutual_info_score(target, codes(column)) for column in values.T]
        # Shifts change no F, but scikit-learn's digits.
        near = values - values.mean(axis=0)
        with np.errstate(all="ignore"):
            scores["f-score"] = numbers(f_classif(near, label)[0] if is_classes else f_regression(near, label)[0])
            if is_classes and values.min() >= 0 and name != "far":
                scores["chi-square"] = numbers(chi2(values, label)[0])
        if not is_classes:
            scores["correlation"] = numbers(np.abs(r_regression(values, label)))
        found[name] = {
            "values": values.tolist(), "classes": label.tolist() if is_classes else None,
            "numbers": None if is_classes else label.tolist(), "scores": scores}
    with open(os.path.join(folder, "scores.json"), "w") as file:
        json.dump(found, file)


if __name__ == "__main__":
    main(sys.argv[1])
