#!/usr/bin/env python3
"""Records what scikit-learn and SciPy say of predictions, for `make test` to compare with.

    Tests/Peers/metrics.py Tests/Fixtures/metrics

Measures of two classes, of four, of numbers and of counts, with and without weights; the places where the bootstrap's intervals end for given
samples; DeLong's test by its definition; McNemar's by the binomial test. Predictions have six decimals and some ties.
"""
import json
import sys
import warnings

import numpy as np
from scipy import stats
from sklearn import metrics

warnings.filterwarnings("ignore")
ROWS = 120


def calibration_error(probability, happened, weight):
    bins = np.minimum((probability * 10).astype(int), 9)
    error = 0
    for b in range(10):
        rows = bins == b
        if rows.any():
            total = weight[rows].sum()
            error += abs((weight * probability)[rows].sum() - (weight * happened)[rows].sum()) if total else 0
    return error / weight.sum()


def kolmogorov_smirnov(probability, positive, weight):
    false_positives, true_positives, _ = metrics.roc_curve(positive, probability, sample_weight=weight, drop_intermediate=False)
    return np.abs(true_positives - false_positives).max()


def of_classes(names, truth, probabilities, weight):
    classes = len(names)
    predicted = probabilities.argmax(1)
    measures = {
        "accuracy": metrics.accuracy_score(truth, predicted, sample_weight=weight),
        "balancedAccuracy": metrics.balanced_accuracy_score(truth, predicted, sample_weight=weight),
        "matthewsCorrelation": metrics.matthews_corrcoef(truth, predicted, sample_weight=weight),
        "cohensKappa": metrics.cohen_kappa_score(truth, predicted, sample_weight=weight),
        "logLoss": metrics.log_loss(truth, probabilities, sample_weight=weight, labels=range(classes)),
    }
    for average in ["macro", "micro", "weighted"]:
        precision, recall, f1, _ = metrics.precision_recall_fscore_support(
            truth, predicted, average=average, sample_weight=weight, zero_division=0)
        measures |= {f"{average}Precision": precision, f"{average}Recall": recall, f"{average}F1": f1}
    w = np.ones(len(truth)) if weight is None else weight
    if classes == 2:
        positive = probabilities[:, 1]
        measures |= {
            "areaUnderROC": metrics.roc_auc_score(truth, positive, sample_weight=weight),
            "areaUnderPR": metrics.average_precision_score(truth, positive, sample_weight=weight),
            "gini": 2 * metrics.roc_auc_score(truth, positive, sample_weight=weight) - 1,
            "kolmogorovSmirnov": kolmogorov_smirnov(positive, truth, w),
            "precision": metrics.precision_score(truth, predicted, sample_weight=weight),
            "recall": metrics.recall_score(truth, predicted, sample_weight=weight),
            "specificity": metrics.recall_score(truth, predicted, pos_label=0, sample_weight=weight),
            "f1": metrics.f1_score(truth, predicted, sample_weight=weight),
            "brierScore": metrics.brier_score_loss(truth, positive, sample_weight=weight),
            "expectedCalibrationError": calibration_error(positive, truth, w),
        }
    else:
        one_hot = np.eye(classes)[truth]
        areas = [metrics.roc_auc_score(one_hot[:, k], probabilities[:, k], sample_weight=weight) for k in range(classes)]
        measures |= {
            "areaUnderROC": np.mean(areas), "gini": 2 * np.mean(areas) - 1,
            "areaUnderPR": np.mean([metrics.average_precision_score(one_hot[:, k], probabilities[:, k], sample_weight=weight)
                                    for k in range(classes)]),
            "kolmogorovSmirnov": np.mean([kolmogorov_smirnov(probabilities[:, k], one_hot[:, k], w) for k in range(classes)]),
            "brierScore": metrics.brier_score_loss(truth, probabilities, sample_weight=weight, labels=range(classes)),
            "expectedCalibrationError": calibration_error(probabilities.max(1), predicted == truth, w),
        }
        for k in range(2, classes):
            measures[f"top{k}Accuracy"] = metrics.top_k_accuracy_score(
                truth, probabilities, k=k, sample_weight=weight, labels=range(classes))
    return measures


def of_numbers(truth, predicted, weight):
    r2 = metrics.r2_score(truth, predicted, sample_weight=weight)
    features = 7
    counts = {}
    if (predicted > 0).all():
        counts = {"meanPoissonDeviance": metrics.mean_poisson_deviance(truth, predicted, sample_weight=weight),
                  "poissonDSquared": metrics.d2_tweedie_score(truth, predicted, sample_weight=weight, power=1)}
    return counts | {
        "rSquared": r2, "adjustedRSquared": 1 - (1 - r2) * (len(truth) - 1) / (len(truth) - features - 1),
        "explainedVariance": metrics.explained_variance_score(truth, predicted, sample_weight=weight),
        "rootMeanSquaredError": metrics.root_mean_squared_error(truth, predicted, sample_weight=weight),
        "meanSquaredError": metrics.mean_squared_error(truth, predicted, sample_weight=weight),
        "meanAbsoluteError": metrics.mean_absolute_error(truth, predicted, sample_weight=weight),
        "medianAbsoluteError": metrics.median_absolute_error(truth, predicted, sample_weight=weight),
        "maxError": metrics.max_error(truth, predicted),
        "meanAbsolutePercentageError": metrics.mean_absolute_percentage_error(truth, predicted, sample_weight=weight),
        "meanSquaredLogError": metrics.mean_squared_log_error(truth, predicted, sample_weight=weight),
    }


def delong(first, second, positive):
    """By the definition, over all pairs."""
    def shares(scores):
        wins = (scores[positive][:, None] > scores[~positive]) + .5 * (scores[positive][:, None] == scores[~positive])
        return wins.mean(1), wins.mean(0)
    a, b = shares(first), shares(second)
    covariance = sum(np.cov(np.stack([x, y])) / len(x) for x, y in zip(a, b))
    error = np.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    difference = a[0].mean() - b[0].mean()
    return {"areas": [a[0].mean(), b[0].mean()], "standardError": error, "pValue": 2 * stats.norm.sf(abs(difference / error))}


def write_counts(write, weights):
    random = np.random.default_rng(12)
    predicted = random.gamma(2, 1, ROWS).round(3) + .001
    truth = random.poisson(predicted * random.choice([.5, 1.5], ROWS))
    write("counts", {
        "truth": truth, "predicted": predicted, "weights": weights, "measures": of_numbers(truth, predicted, None),
        "weighted": of_numbers(truth, predicted, weights)})


def main(folder):
    random = np.random.default_rng(11)
    weights = random.integers(1, 6, ROWS).astype(float) / 2

    def write(name, value):
        with open(f"{folder}/{name}.json", "w") as file:
            json.dump(value, file, default=lambda x: x.tolist())
            file.write("\n")

    for name, classes in [("two-classes", 2), ("four-classes", 4)]:
        truth = random.choice(classes, ROWS, p=[.7, .3] if classes == 2 else [.5, .3, .15, .05])
        raw = random.dirichlet(np.ones(classes) * .8, ROWS) + .5 * np.eye(classes)[truth] * random.random((ROWS, 1))
        probabilities = (raw / raw.sum(1, keepdims=True)).round(6)
        probabilities[::7] = probabilities[3]
        probabilities[:, -1] = 1 - probabilities[:, :-1].sum(1)
        names = [f"c{k}" for k in range(classes)]
        write(name, {
            "names": names, "truth": truth, "probabilities": probabilities.ravel(), "weights": weights,
            "measures": of_classes(names, truth, probabilities, None), "weighted": of_classes(names, truth, probabilities, weights)})
        if classes == 2:
            other = (probabilities[:, 1] * .6 + .4 * random.random(ROWS)).round(2)
            write("delong", {"first": probabilities[:, 1], "second": other, "positive": truth == 1}
                  | delong(probabilities[:, 1], other, truth == 1))
    truth = random.gamma(2, 3, ROWS).round(3)
    predicted = np.maximum(truth + random.normal(0, 1, ROWS), 0).round(3)
    write("numbers", {
        "truth": truth, "predicted": predicted, "weights": weights, "measures": of_numbers(truth, predicted, None),
        "weighted": of_numbers(truth, predicted, weights)})
    write_counts(write, weights)
    values = random.lognormal(0, .6, 40).round(4)
    samples = np.array([random.choice(values, 40).mean() for _ in range(500)])
    left = np.array([np.delete(values, k).mean() for k in range(40)])
    below = (np.sum(samples < values.mean()) + np.sum(samples <= values.mean())) / 2 / len(samples)
    bias = stats.norm.ppf(below)
    u = 39 * (left.mean() - left)
    acceleration = (u ** 3).sum() / (6 * (u ** 2).sum() ** 1.5)
    places = [stats.norm.cdf(bias + (bias + z) / (1 - acceleration * (bias + z))) for z in stats.norm.ppf([.05, .95])]
    write("intervals", {
        "estimate": values.mean(), "samples": samples, "leftOut": left, "level": .9,
        "percentile": np.quantile(samples, [.05, .95]), "bca": np.quantile(samples, places), "standardError": samples.std(ddof=1),
        "normal": [[z, stats.norm.cdf(z)] for z in [-8, -3.5, -2.2, -1, -.3, 0, .7, 1.96, 4]],
        "mcNemar": [[b, c, stats.binomtest(b, b + c, .5).pvalue if b + c else 1] for b, c in
                    [(0, 0), (1, 0), (12, 5), (5, 12), (30, 30), (400, 470), (0, 20)]]
        + [[b, c, stats.chi2.sf((abs(b - c) - 1) ** 2 / (b + c), 1)] for b, c in [(800, 700), (5000, 5100)]]})


main(sys.argv[1])
