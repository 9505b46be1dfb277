#!/usr/bin/env python3
"""Writes what scikit-learn and SciPy make of columns of numbers, for `make test`.

    Tests/Peers/preprocessing.py Tests/Fixtures/preprocessing
"""
import json
import os
import sys

import numpy as np
from scipy import optimize, stats
from sklearn.datasets import load_iris
from sklearn.preprocessing import PowerTransformer, QuantileTransformer


def columns():
    random = np.random.default_rng(11)
    return {
        "fares": np.round(random.lognormal(2.2, 0.7, 400), 2),
        "mixed": random.normal(0.7, 3, 300) ** 3,
        "counts": random.poisson(1.3, 250).astype(float),
        "losses": -random.gamma(2, 5, 200),
        "years": random.integers(1990, 2021, 150).astype(float),
    }


def places(values):
    """Numbers to transform: some that were learned from, some between, at and beyond the ends."""
    spread = values.max() - values.min()
    between = np.linspace(values.min() - spread / 3, values.max() + spread / 3, 41)
    return np.concatenate([values[:40], between, [values.min(), values.max(), 0.0]])


def powers_of_far_numbers(values, asked):
    """Yeo and Johnson's, standardized, of positive numbers: with more digits, and about their median."""
    middle = np.longdouble(np.median(values))
    logarithms, others = (np.log1p((numbers - middle) / (1 + middle)) for numbers in (values, asked))

    def power(logarithms, exponent):
        return np.expm1(exponent * logarithms) / exponent

    def loss(exponent):
        return float(np.log(power(logarithms, exponent).var()) / 2 - exponent * logarithms.mean())

    exponent = optimize.minimize_scalar(loss, bounds=(-99.5, 100), method="bounded", options={"xatol": 1e-9}).x
    learned = power(logarithms, exponent)
    return (power(others, exponent) - learned.mean()) / learned.std()


def main(folder):
    os.makedirs(folder, exist_ok=True)
    found = {}
    for name, values in columns().items():
        asked = places(values)
        if name == "years":
            asked = asked[asked > 0]
        answers = []

        def record(function, arguments, transformed):
            transformed = np.asarray(transformed, dtype=float).ravel()
            answers.append({
                "function": "ml." + function, "arguments": arguments,
                "numbers": [None if np.isnan(number) else number for number in transformed]})

        for count in [5, 100, 1000]:
            for output in ["uniform", "normal"]:
                transformer = QuantileTransformer(
                    n_quantiles=min(count, len(values)), output_distribution=output, subsample=len(values) + 1)
                transformer.fit(values[:, None])
                if count >= len(values):
                    # As many quantiles as values are the values; scikit-learn's percentiles miss equal ones by a last digit.
                    transformer.quantiles_ = np.sort(values)[:, None]
                record("quantile_transformer", [count, output], transformer.transform(asked[:, None]))
        for method in ["yeo-johnson"] + (["box-cox"] if name == "fares" else []):
            if name == "years":
                # scikit-learn's powers of years agree in all digits but the last ones, and the exponent it finds is chance.
                record("power_transformer", [method, True], powers_of_far_numbers(values, asked))
                continue
            for standardize in [True, False]:
                transformer = PowerTransformer(method=method, standardize=standardize).fit(values[:, None])
                kept = asked if method == "yeo-johnson" else np.where(asked > 0, asked, np.nan)
                record("power_transformer", [method, standardize], transformer.transform(kept[:, None]))
        positive = values[values > 0]
        if len(positive):
            shape, _, scale = stats.lognorm.fit(positive, floc=0)
            record("log_normal_scaler", [], stats.lognorm.cdf(asked, shape, scale=scale))
        record("logistic", [], 1 / (1 + np.exp(-asked)))
        record("tanh", [], np.tanh(asked))
        found[name] = {"values": values.tolist(), "asked": asked.tolist(), "answers": answers}
    with open(os.path.join(folder, "numbers.json"), "w") as file:
        json.dump(found, file)
    with open(os.path.join(folder, "buckets.json"), "w") as file:
        json.dump(buckets(), file)


def entropy(labels):
    shares = np.unique(labels, return_counts=True)[1] / len(labels)
    return -(shares * np.log2(shares)).sum()


def cuts(values, labels):
    """Fayyad and Irani's cuts, as their paper (IJCAI 1993) has them."""
    order = np.argsort(values, kind="stable")
    values, labels = values[order], labels[order]
    best = None
    for place in np.flatnonzero(np.diff(values)) + 1:
        after = (place * entropy(labels[:place]) + (len(values) - place) * entropy(labels[place:])) / len(values)
        if best is None or after < best[0] - 1e-12:
            best = (after, place)
    if best is None:
        return []
    after, place = best
    k, lower, upper = (len(np.unique(part)) for part in (labels, labels[:place], labels[place:]))
    delta = np.log2(3.0 ** k - 2) - (
        k * entropy(labels) - lower * entropy(labels[:place]) - upper * entropy(labels[place:]))
    if entropy(labels) - after <= (np.log2(len(values) - 1) + delta) / len(values):
        return []
    middle = (values[place - 1] + values[place]) / 2
    return cuts(values[:place], labels[:place]) + [middle] + cuts(values[place:], labels[place:])


def buckets():
    random = np.random.default_rng(5)
    found = []

    def add(name, values, labels):
        found.append({
            "name": name, "values": [float(value) for value in values], "labels": [str(label) for label in labels],
            "cuts": [float(cut) for cut in cuts(np.asarray(values, dtype=float), np.asarray(labels))]})

    flowers = load_iris()
    for place, name in enumerate(flowers.feature_names):
        add(name, flowers.data[:, place], flowers.target_names[flowers.target])
    # What the package `discretization` of R is known to find.
    assert [one["cuts"] for one in found] == [[5.55, 6.15], [2.95, 3.3499999999999996], [2.45, 4.75], [0.8, 1.75]], found
    steps = random.normal(size=600)
    add("steps", np.round(steps, 3), np.digitize(steps + random.normal(scale=.1, size=600), [-1, 0, .4, 1.5]))
    counts = random.poisson(3, 500)
    add("counts", counts, random.integers(0, 3, 500) * (counts > 2))
    add("nothing", random.normal(size=300), random.integers(0, 2, 300))
    return found


if __name__ == "__main__":
    main(sys.argv[1])
