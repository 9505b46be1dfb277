#!/usr/bin/env python3
"""Writes what SMOTE makes of a small random class, for `make test`.

    Tests/Peers/balancing.py Tests/Fixtures/balancing

As imbalanced-learn's `SMOTE._make_samples` does: neighbors are scikit-learn's, without the row itself; a number below rows × neighbors
draws both the row and which of its neighbors, and the new row is `row + step · (neighbor − row)`.
"""
import json
import os
import sys

import numpy as np
from sklearn.neighbors import NearestNeighbors


def main(folder):
    random = np.random.default_rng(11)
    os.makedirs(folder, exist_ok=True)
    rows = random.normal(size=(40, 3)) * [1, 5, .2]
    count = 5
    near = NearestNeighbors(n_neighbors=count + 1).fit(rows).kneighbors(rows, return_distance=False)[:, 1:]
    drawn = random.integers(0, near.size, size=60)
    steps = random.uniform(size=60)
    first, place = np.divmod(drawn, count)
    made = rows[first] + steps[:, None] * (rows[near[first, place]] - rows[first])
    with open(os.path.join(folder, "smote.json"), "w") as file:
        json.dump({"rows": rows.tolist(), "count": count, "neighbors": near.tolist(), "drawn": drawn.tolist(),
                   "steps": steps.tolist(), "made": made.tolist()}, file)


if __name__ == "__main__":
    main(sys.argv[1])
