#!/usr/bin/env python3
"""scikit-learn's calibrations of scores, for `make test`, and of whole models beside hiveql's.

    Tests/Peers/calibration.py --record Tests/Fixtures/calibration    writes scores, truths and scikit-learn's answers
    Tests/Peers/calibration.py .build/release/hiveql                  compares trained models; exits with 1 where they differ

Recorded are what scikit-learn's sigmoid and isotonic calibration make of scores: few and many rows, with weights, with ties, with
scores that are far from 0, that say nothing, and that say the opposite. Trained models: breast cancer and rows with a rare class,
`CalibratedClassifierCV(ensemble=False)` beside `--calibration`, each with five folds of its own; log loss and Brier score of rows
that were not trained on agree to .01.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
from sklearn import datasets
from sklearn.calibration import CalibratedClassifierCV, _SigmoidCalibration
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def scores():
    random = np.random.default_rng(7)

    def truth(score):
        return (random.random(len(score)) < 1 / (1 + np.exp(-score))).astype(int)

    plain = random.normal(size=60) * 2
    ties = random.integers(0, 6, 80) / 5
    far = random.normal(size=50) * 400
    return [
        ("plain", plain, truth(plain * .7 + .4), None),
        ("weights", plain, truth(plain * .7 + .4), random.integers(0, 4, 60).astype(float)),
        ("ties", ties, truth(ties * 3 - 1), None),
        ("ties with weights", ties, truth(ties * 3 - 1), random.random(80) * 3),
        ("far from 0", far, truth(far / 300), None),
        ("opposite", plain, 1 - truth(plain), None),
        ("one score", np.full(20, .3), (np.arange(20) < 6).astype(int), None),
        ("apart", np.linspace(-1, 1, 12), (np.linspace(-1, 1, 12) > 0).astype(int), None),
        ("two rows", np.array([-.5, .5]), np.array([0, 1]), None),
    ]


def record(folder):
    os.makedirs(folder, exist_ok=True)
    sets = []
    for name, score, truth, weights in scores():
        step = score.max() - score.min()
        # Beside the only score there is a sigmoid goes anywhere.
        asked = np.linspace(score.min() - step / 4, score.max() + step / 4, 41 if step else 1)
        sigmoid = _SigmoidCalibration().fit(score, truth, weights)
        isotonic = IsotonicRegression(out_of_bounds="clip").fit(score, truth, weights)
        sets.append({
            "name": name, "scores": score.tolist(), "truths": truth.tolist(),
            "weights": None if weights is None else weights.tolist(), "asked": asked.tolist(),
            "sigmoid": sigmoid.predict(asked).tolist(), "isotonic": isotonic.predict(asked).tolist(),
        })
    with open(os.path.join(folder, "two-classes.json"), "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(one) for one in sets) + "\n]\n")


def rows():
    x, y = datasets.load_breast_cancer(return_X_y=True)
    yield "breast cancer", x, y
    random = np.random.default_rng(3)
    x = random.normal(size=(8000, 6))
    # Columns that repeat each other make naive Bayes too sure of itself.
    x = np.hstack([x, x[:, :3] + .1 * random.normal(size=(8000, 3))])
    yield "a rare class", x, (random.random(8000) < 1 / (1 + np.exp(3 - x[:, 0] - x[:, 1]))).astype(int)


def compare(program):
    failed = False
    for name, x, y in rows():
        held = np.arange(len(y)) % 4 == 0
        with tempfile.TemporaryDirectory() as folder:
            columns = [f"x{place}" for place in range(x.shape[1])]
            with open(os.path.join(folder, "rows.csv"), "w") as file:
                for row, label, part in zip(x, y, held):
                    file.write(",".join([*map(repr, row.tolist()), str(label), str(part).lower()]) + "\n")

            def run(*arguments):
                done = subprocess.run([os.path.abspath(program), *arguments], cwd=folder, capture_output=True, text=True)
                if done.returncode:
                    sys.exit(f"hiveql {' '.join(arguments)}: {done.stderr}")
                return done.stdout

            types = ", ".join(f"{column} double" for column in columns)
            run("-e", f"create table r ({types}, y int, held boolean) row format delimited fields terminated by ','; "
                f"load data local inpath '{folder}/rows.csv' into table r")
            for learner, peer in [
                ("logistic-regression", make_pipeline(StandardScaler(), LogisticRegression())), ("naive-bayes", GaussianNB()),
            ]:
                for method in ["sigmoid", "isotonic"]:
                    report = json.loads(run(
                        "train", "--query", "r", "--label", "y", "--split-column", "held", "--learner", learner,
                        "--calibration", method, "--json", *(["--set", "kind=gaussian"] if learner == "naive-bayes" else [])))
                    found = report["evaluationMetrics"]
                    fitted = CalibratedClassifierCV(peer, method=method, ensemble=False, cv=5).fit(x[~held], y[~held])
                    own = fitted.predict_proba(x[held])[:, 1]
                    for measure, value, other in [
                        ("Brier score", found["brierScore"], brier_score_loss(y[held], own)),
                        ("log loss", found["logLoss"], log_loss(y[held], own)),
                    ]:
                        # An isotonic curve ends at 0 and 1: a row there that is wrong costs as much as somebody cuts it off at.
                        if method == "isotonic" and measure == "log loss":
                            continue
                        same = abs(value - other) <= .01
                        failed |= not same
                        print(f"{'same' if same else 'DIFFERENT'}: {name}, {learner}, {method}, {measure}: {value:.4f} and {other:.4f}")
    return failed


parser = argparse.ArgumentParser()
parser.add_argument("program", nargs="?")
parser.add_argument("--record")
options = parser.parse_args()
if options.record:
    record(options.record)
elif options.program:
    sys.exit(compare(options.program))
else:
    parser.error("name the program, or --record FOLDER")
