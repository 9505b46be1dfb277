#!/usr/bin/env python3
"""Writes what scikit-learn's TargetEncoder makes of small random columns, for `make test`.

    Tests/Peers/level-numbers.py Tests/Fixtures/levels
"""
import json
import os
import sys

import numpy as np
from sklearn.preprocessing import TargetEncoder

LEVELS = ["ash", "beech", "elm", "fir", "oak", "pine", "yew"]


def main(folder):
    random = np.random.default_rng(7)
    os.makedirs(folder, exist_ok=True)
    # Levels of all sizes, one that occurs once.
    shares = np.array([.4, .25, .15, .1, .06, .03, .01])
    rows = random.choice(len(LEVELS), 300, p=shares)
    rows[rows == 6] = 5
    rows[17] = 6
    effect = random.normal(size=len(LEVELS))
    number = effect[rows] * 3 + random.normal(size=300) + 40
    classes = np.clip(np.round(effect[rows] + random.normal(size=300) + 1), 0, 2).astype(int)
    answers = {"number": (number, "continuous"), "two": ((classes > 1).astype(int), "binary"), "three": (classes, "multiclass")}
    texts = np.array([[LEVELS[row]] for row in rows], dtype=object)
    for name, (labels, kind) in answers.items():
        found = {}
        for smooth in ["auto", 0.0, 12.5]:
            encoder = TargetEncoder(target_type=kind, smooth=smooth).fit(texts, labels)
            known = encoder.transform(np.array([[level] for level in LEVELS], dtype=object))
            other = encoder.transform(np.array([["unheard of"]], dtype=object))
            found[str(smooth)] = {"levels": known.tolist(), "other": other[0].tolist()}
        with open(os.path.join(folder, name + ".json"), "w") as file:
            json.dump({"levels": LEVELS, "rows": rows.tolist(), "labels": labels.tolist(), "smoothing": found}, file)


if __name__ == "__main__":
    main(sys.argv[1])
