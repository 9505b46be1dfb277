#!/usr/bin/env python3
"""Writes what scikit-learn's TruncatedSVD makes of dense rows and of sparse counts, for `make test`.

    Tests/Peers/decompositions.py Tests/Fixtures/decompositions
"""
import json
import os
import sys

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.decomposition import TruncatedSVD


def main(folder):
    random = np.random.default_rng(5)
    os.makedirs(folder, exist_ok=True)
    # Far from 0, so that a mean that is taken off shows.
    dense = random.normal(size=(60, 6)) @ random.normal(size=(6, 6)) + np.arange(6)
    # Words of three topics.
    topics = random.dirichlet([.1] * 50, size=3)
    words = np.array([random.multinomial(12, topics[row % 3]) for row in range(90)]).astype(float)
    tables = {"dense": (dense, dense, 3), "sparse": (words, csr_matrix(words), 4)}
    found = {}
    for name, (rows, given, count) in tables.items():
        svd = TruncatedSVD(n_components=count, algorithm="arpack", tol=0, random_state=0).fit(given)
        found[name] = {"rows": rows.tolist(), "components": svd.components_.tolist(),
                       "singularValues": svd.singular_values_.tolist(), "transformed": svd.transform(given).tolist()}
    with open(os.path.join(folder, "truncated-svd.json"), "w") as file:
        json.dump(found, file)


if __name__ == "__main__":
    main(sys.argv[1])
