#!/usr/bin/env python3
"""Trains the same models on the same rows with hiveql, scikit-learn and XGBoost, and compares what they learned.

    Tests/Peers/learners.py .build/release/hiveql [--only NAME]
    Tests/Peers/learners.py --record Tests/Fixtures/learners    writes small sets and scikit-learn's answers for `make test`

Each data set of scikit-learn is written as CSV and becomes a table. hiveql trains on all rows with its default settings;
scikit-learn minimizes the same objective by its own means, standardized as hiveql does it: coefficients agree to 1e-4 of the
largest, AUC, log loss, R² and RMSE to 1e-6. Then both train on three quarters of the rows (every fourth is left out) and
are judged on the rest: measures are those of the exact minimum to 1e-4, and AUC, log loss, R² and RMSE agree to .002 with what
scikit-learn's users have by default, where it stops short of the minimum.
Support vector machines: LinearSVC's coefficients to 1e-4, log losses of other rows to .02 of CalibratedClassifierCV, whose folds
are others. One against the rest: OneVsRestClassifier's coefficients to 1e-4, measures to 1e-6.
FTRL: AUC of other rows to .01 of logistic regression.
Counts: scikit-learn's PoissonRegressor, coefficients to 1e-4, deviances to 1e-6.
Without a label: k-means from the same rows has scikit-learn's sum of squares to 1e-6, principal components its own up to their
sign to 1e-9, an isolation forest finds planted anomalies as well.
Boosted trees: XGBoost's own Python package with the same parameters, in the version of the library that the program opens
(`pip install xgboost==…`): the same to 1e-5. Other versions make other trees and are not compared.
Naive Bayes: probabilities of other rows to 1e-9. Decision trees: probabilities of other rows, without ties between
divisions, to 1e-9. Random forests: AUC or R² of other rows to .01 of the mean of five of scikit-learn's with other seeds, and
how long both take.
A line a comparison; the exit status is 1 when one differs.
"""
import argparse
import ctypes
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings

import numpy as np
import sklearn
from sklearn import datasets, metrics
from sklearn.calibration import CalibratedClassifierCV, _SigmoidCalibration
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest, RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression, PoissonRegressor
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import BernoulliNB, GaussianNB, MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

warnings.filterwarnings("ignore")
FAILED = []


def rare_classes():
    """Five classes from .2 to 50 %, correlated features on scales apart, rare levels."""
    random = np.random.default_rng(0)
    n = 20000
    x = random.normal(size=(n, 12))
    x[:, 1] = x[:, 0] + .05 * x[:, 1]
    x[:, 2] = np.exp(x[:, 2])
    x[:, 3] *= x[:, 2]
    x[:, 4] = random.random(n) < .02
    for column in range(5, 8):
        x[:, column] = random.integers(0, 50, n) == column
    scores = x @ (random.normal(size=(5, 12)) * .7).T + [0, -1, -4, -5, -6] + random.gumbel(size=(n, 5))
    return x, scores.argmax(1)


def taxi(program, label):
    """Trips as `hiveql generate` makes them, and of each whether there was a tip, or how much."""
    folder = f"{program.folder}/taxi-files"
    if not os.path.exists(folder):
        program.run("generate", folder, "--rows", "20000")
    trips, fares = [
        np.concatenate([np.genfromtxt(f"{folder}/trip_{kind}_{month}.csv", delimiter=",", skip_header=1, usecols=columns)
                        for month in range(1, 13)])
        for kind, columns in [("data", (7, 8, 9, 10, 11, 12, 13)), ("fare", (5, 6, 7, 8, 9))]]
    tips = fares[:, 3]
    x = np.column_stack([trips, np.delete(fares, 3, axis=1)])
    return x, (tips > 0).astype(int) if label == "classes" else tips


SETS = {
    "breast cancer": (lambda: datasets.load_breast_cancer(return_X_y=True), "classes"),
    "wine": (lambda: datasets.load_wine(return_X_y=True), "classes"),
    "digits": (lambda: datasets.load_digits(return_X_y=True), "classes"),
    "rare classes": (rare_classes, "classes"),
    "diabetes": (lambda: datasets.load_diabetes(return_X_y=True, scaled=False), "number"),
}


def all_sets(program):
    """Name, what gives the rows and the labels, and what these are."""
    yield from ((name, load, kind) for name, (load, kind) in SETS.items())
    for name, kind in [("taxi tipped", "classes"), ("taxi tips", "number")]:
        yield name, lambda kind=kind: taxi(program, kind), kind


class Program:
    def __init__(self, path, folder):
        self.path, self.folder = os.path.abspath(path), folder

    def run(self, *arguments):
        done = subprocess.run([self.path, *arguments], cwd=self.folder, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"hiveql {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def table(self, name, x, y):
        os.makedirs(f"{self.folder}/{name}", exist_ok=True)
        with open(f"{self.folder}/{name}/rows.csv", "w") as file:
            for row, (features, label) in enumerate(zip(x, y)):
                file.write(",".join([str(row), str(label)] + [repr(float(value)) for value in features]) + "\n")
        kind = "int" if y.dtype.kind == "i" else "double"
        columns = ", ".join(["id int", f"y {kind}"] + [f"x{i} double" for i in range(x.shape[1])])
        self.run("-S", "-e", f"create external table {name} ({columns}) row format delimited fields terminated by ',' "
                             f"location '{self.folder}/{name}'")

    def train(self, query, *options):
        return self.report("train", "--query", query, "--label", "y", "--identifier", "id", "--json", "--split", "1", *options)

    def report(self, *arguments):
        start = time.perf_counter()
        report = json.loads(self.run(*arguments))
        report["wall"] = time.perf_counter() - start
        return report

    def predict(self, model, query):
        lines = self.run("predict", "--model", model, "--query", query, "-S", "--json").splitlines()
        return [json.loads(line) for line in lines]

    def judge(self, model, query):
        self.run("predict", "--model", model, "--query", query, "-S", "--metrics", f"{self.folder}/metrics.json")
        with open(f"{self.folder}/metrics.json") as file:
            return json.load(file)["metrics"]


def check(what, found, expected, tolerance):
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    scale = max(1e-12, np.abs(expected).max())
    worst = np.abs(found - expected).max() / (scale if found.ndim else 1)
    good = worst <= tolerance
    if not good:
        FAILED.append(what)
    values = "" if found.ndim else f"  {found:.6f} {expected:.6f}"
    print(f"  {'ok  ' if good else 'FAIL'} {what}: {worst:.1e}{values}", flush=True)


def weights(report, names, deviations):
    """Of the standardized features: one row, or one a class."""
    by_name = {feature["name"]: feature for feature in report["features"]}
    first = by_name[names[0]]
    rows = [[by_name[name]["weight"] for name in names]] if "weight" in first else \
        [[by_name[name]["weights"][c] for name in names] for c in first["weights"]]
    return np.array(rows) * deviations


def classification_measures(model, x, y):
    p = model.predict_proba(x)
    classes = np.arange(p.shape[1])
    auc = metrics.roc_auc_score(y, p[:, 1]) if len(classes) == 2 else \
        np.mean([metrics.roc_auc_score(y == c, p[:, c]) for c in classes])
    return {"areaUnderROC": auc, "logLoss": metrics.log_loss(y, p, labels=classes),
            "accuracy": metrics.accuracy_score(y, p.argmax(1)),
            "macroF1": metrics.f1_score(y, p.argmax(1), average="macro")}


def regression_measures(model, x, y):
    p = model.predict(x)
    return {"rSquared": metrics.r2_score(y, p), "rootMeanSquaredError": metrics.mean_squared_error(y, p) ** .5}


def compare(program, name, x, y, kind):
    print(f"{name}: {len(x)} rows, {x.shape[1]} features")
    table = name.replace(" ", "_")
    program.table(table, x, y)
    names = [f"x{i}" for i in range(x.shape[1])]
    is_train = np.arange(len(x)) % 4 != 3
    everything, train, rest = [f"select * from {table}{where}" for where in ["", " where id % 4 <> 3", " where id % 4 = 3"]]
    scaler = StandardScaler().fit(x)
    standardized, deviations = scaler.transform(x), np.where(scaler.var_ > 0, scaler.var_ ** .5, 0)
    if kind == "classes":
        learner, measures = "logistic-regression", classification_measures
        exact = LogisticRegression(C=1, tol=1e-12, max_iter=1000, solver="newton-cholesky").fit(standardized, y)
        plain = LogisticRegression(C=1, max_iter=100000).fit(standardized, y)
        peer = make_pipeline(StandardScaler(), LogisticRegression(max_iter=100000))
        steps = f"scikit-learn {plain.n_iter_[0]} at its tolerance, {exact.n_iter_[0]} of Newton's method"
    else:
        learner, measures = "linear-regression", regression_measures
        exact = LinearRegression().fit(standardized, y)
        peer = make_pipeline(StandardScaler(), LinearRegression())
        steps = "scikit-learn solves directly"
    report = program.train(everything, "--learner", learner)
    print(f"  {report['fit']['iterations']} steps in {report['fit']['seconds']:.3f} s; {steps}")
    check("coefficients", weights(report, names, deviations), np.atleast_2d(exact.coef_), 1e-4)
    for measure, expected in measures(exact, standardized, y).items():
        check(f"{measure} on the rows trained on", report["trainingMetrics"][measure], expected, 1e-6)
    program.train(train, "--learner", learner, "--save", "m")
    judged = program.judge("m", rest)
    part = StandardScaler().fit(x[is_train])
    exact.fit(part.transform(x[is_train]), y[is_train])
    for measure, expected in measures(exact, part.transform(x[~is_train]), y[~is_train]).items():
        check(f"{measure} on others", judged[measure], expected, 1e-4)
    for measure, expected in measures(peer.fit(x[is_train], y[is_train]), x[~is_train], y[~is_train]).items():
        if measure not in ("accuracy", "macroF1"):  # of which a row at the border is more
            check(f"{measure} on others, defaults of both", judged[measure], expected, .002)
    compare_trees(program, train, rest, x, y, is_train, kind)
    compare_forests(program, train, rest, x, y, is_train, kind)
    if kind == "classes":
        compare_naive_bayes(program, train, rest, x, y, is_train)
        compare_machines(program, everything, train, rest, x, y, is_train, names, deviations)
    compare_decision_trees(program, name, x, y, is_train, kind)


def library_version():
    """Of the XGBoost library that the program opens, where there is one."""
    try:
        library = ctypes.CDLL("libxgboost.dylib" if sys.platform == "darwin" else "libxgboost.so.0")
    except OSError:
        return None
    parts = [ctypes.c_int() for _ in range(3)]
    library.XGBoostVersion(*map(ctypes.byref, parts))
    return ".".join(str(part.value) for part in parts)


def compare_trees(program, train, rest, x, y, is_train, kind):
    installed = library_version()
    try:
        import xgboost
    except ImportError:
        print(f"  trees are not compared: pip install xgboost=={installed}")
        return
    if xgboost.__version__ != installed:
        print(f"  trees are not compared with xgboost {xgboost.__version__}, whose own are others: pip install xgboost=={installed}")
        return
    program.train(train, "--learner", "boosted-trees", "--set", "rounds=50", "--save", "t")
    judged = program.judge("t", rest)
    settings = dict(eta=.1, max_depth=6, tree_method="hist", max_bin=256, reg_lambda=1, nthread=2)
    classes = len(np.unique(y))
    if kind == "number":
        settings |= dict(objective="reg:squarederror", base_score=float(y[is_train].mean()))
    elif classes == 2:
        settings |= dict(objective="binary:logistic", base_score=float(y[is_train].mean()))
    else:
        settings |= dict(objective="multi:softprob", num_class=classes)
    x32 = x.astype(np.float32)
    model = xgboost.train(settings, xgboost.DMatrix(x32[is_train], y[is_train]), 50)
    found = model.predict(xgboost.DMatrix(x32[~is_train])).astype(float)

    class Trees:
        def predict(self, _):
            return found

        def predict_proba(self, _):
            return np.column_stack([1 - found, found]) if found.ndim == 1 else found / found.sum(1, keepdims=True)

    expected = (regression_measures if kind == "number" else classification_measures)(Trees(), x32[~is_train], y[~is_train])
    for measure, value in expected.items():
        check(f"{measure} of boosted trees, xgboost {installed}", judged[measure], value, 1e-5)


def forest_measures(x, y, is_train, kind, seed):
    """AUC or R² of rows that were not trained on, and the seconds of the training."""
    regression = kind == "number"
    forest = RandomForestRegressor(100, max_features=1 / 3, n_jobs=2, random_state=seed) if regression else \
        RandomForestClassifier(100, n_jobs=2, random_state=seed)
    start = time.perf_counter()
    forest.fit(x[is_train], y[is_train])
    seconds = time.perf_counter() - start
    measures = (regression_measures if regression else classification_measures)(forest, x[~is_train], y[~is_train])
    return measures["rSquared" if regression else "areaUnderROC"], seconds


def compare_forests(program, train, rest, x, y, is_train, kind):
    measure = "rSquared" if kind == "number" else "areaUnderROC"
    reports, found = [], []
    for seed in range(5):
        reports.append(program.train(train, "--learner", "random-forest", "--set", f"seed={seed}", "--set", "out-of-bag=false",
                                     "--save", "f"))
        found.append(program.judge("f", rest)[measure])
    expected, seconds = zip(*(forest_measures(x, y, is_train, kind, seed) for seed in range(5)))
    print(f"  forests of 100 trees in {min(report['fit']['seconds'] for report in reports):.3f} s; "
          f"scikit-learn {min(seconds):.3f} s on two threads")
    check(f"{measure} of random forests, means of five", np.mean(found), np.mean(expected), .01)


def probabilities(program, model, query, classes):
    rows = sorted(program.predict(model, query), key=lambda row: row["id"])
    return np.array([[row[f"probability_{c}"] for c in classes] for row in rows])


def compare_naive_bayes(program, train, rest, x, y, is_train):
    peers = {"gaussian": GaussianNB(), "bernoulli": BernoulliNB()}
    if (x >= 0).all():
        peers["multinomial"] = MultinomialNB()
    for kind, peer in peers.items():
        program.train(train, "--learner", "naive-bayes", "--set", f"kind={kind}", "--save", "n")
        peer.fit(x[is_train], y[is_train])
        check(f"probabilities of {kind} naive Bayes", probabilities(program, "n", rest, peer.classes_),
              peer.predict_proba(x[~is_train]), 1e-9)


def levels(x):
    """Every feature as whole numbers from 0 to 20."""
    low, high = x.min(0), x.max(0)
    return np.floor((x - low) / np.where(high > low, high - low, 1) * 20)


def distinct_weights(count):
    """So that hardly two divisions lessen the impurity by the same."""
    return 1 + np.arange(count) * 37 % 101 / 103


def tree_peer(kind, criterion, **options):
    make = DecisionTreeRegressor if kind == "number" else DecisionTreeClassifier
    return make(criterion=criterion, random_state=0, **options)


def criteria(kind):
    return ["squared_error"] if kind == "number" else ["gini", "entropy"]


def compare_decision_trees(program, name, x, y, is_train, kind):
    table = name.replace(" ", "_") + "_levels"
    x, weights = levels(x), distinct_weights(len(x))
    program.table(table, np.column_stack([x, weights]), y)
    weight = f"x{x.shape[1]}"
    train, rest = [f"select * from {table} where id % 4 {sign} 3" for sign in ["<>", "="]]
    for criterion in criteria(kind):
        options = [] if kind == "number" else ["--set", f"criterion={criterion}"]
        report = program.train(train, "--learner", "decision-tree", "--set", "depth=3", "--weight", weight, "--save", "d", *options)
        peer = tree_peer(kind, criterion, max_depth=3, min_samples_leaf=5)
        peer.fit(x[is_train], y[is_train], weights[is_train])
        shares = {feature["name"]: feature["magnitude"] for feature in report["features"]}
        check(f"importances of a tree, {criterion}", [shares[f"x{i}"] for i in range(x.shape[1])], peer.feature_importances_, 1e-9)
        if kind == "number":
            rows = sorted(program.predict("d", rest), key=lambda row: row["id"])
            check(f"predictions of a tree, {criterion}", [row["prediction"] for row in rows], peer.predict(x[~is_train]), 1e-9)
        else:
            check(f"probabilities of a tree, {criterion}", probabilities(program, "d", rest, peer.classes_),
                  peer.predict_proba(x[~is_train]), 1e-9)


def record_trees_and_bayes(folder):
    """What `make test` compares on the rows of the other files: every fourth row is left out of the training."""
    answers = {"madeBy": f"scikit-learn {sklearn.__version__}"}
    for name in ["breast cancer", "wine", "diabetes"]:
        load, kind = SETS[name]
        x, y = load()
        is_train = np.arange(len(x)) % 4 != 3
        z, weights = levels(x), distinct_weights(len(x))
        answer = {"forest": float(np.mean([forest_measures(x, y, is_train, kind, seed)[0] for seed in range(20)]))}
        trees = {}
        for criterion in criteria(kind):
            tree = tree_peer(kind, criterion, max_depth=3, min_samples_leaf=5)
            tree.fit(z[is_train], y[is_train], weights[is_train])
            full = tree_peer(kind, criterion).fit(z[is_train], y[is_train])
            predict = (lambda model: model.predict) if kind == "number" else (lambda model: model.predict_proba)
            trees[criterion] = {
                "importances": tree.feature_importances_.tolist(), "predictions": predict(tree)(z[~is_train]).ravel().tolist(),
                "gain": float((tree.tree_.impurity[0] - np.dot(
                    tree.tree_.impurity, tree.tree_.weighted_n_node_samples * (tree.tree_.children_left < 0))
                    / tree.tree_.weighted_n_node_samples[0])),
                "full": predict(full)(z[is_train]).ravel().tolist()}
        answer["trees"] = trees
        if kind == "classes":
            answer["bayes"] = {
                "gaussian": GaussianNB().fit(x[is_train], y[is_train]).predict_proba(x[~is_train]).ravel().tolist(),
                "multinomial": MultinomialNB().fit(z[is_train], y[is_train]).predict_proba(z[~is_train]).ravel().tolist(),
                "bernoulli": BernoulliNB(binarize=5).fit(z[is_train], y[is_train]).predict_proba(z[~is_train]).ravel().tolist()}
        answers[name.replace(" ", "-")] = answer
    with open(f"{folder}/trees-and-bayes.json", "w") as file:
        json.dump(answers, file, separators=(",", ":"))


def svm_peer():
    """The intercept is scaled up, or scikit-learn would penalize it."""
    return LinearSVC(C=1, dual=False, intercept_scaling=1000, tol=1e-10, max_iter=1000000)


def machine_objective(machine, z, y):
    """Of two classes, as hiveql counts it."""
    margins = (2 * y - 1) * machine.decision_function(z)
    return np.mean(np.maximum(0, 1 - margins) ** 2) + (machine.coef_ ** 2).sum() / (2 * len(y))


def one_against_rest_peer():
    return OneVsRestClassifier(LogisticRegression(C=1, tol=1e-10, max_iter=100000))


def calibrated_peer():
    return CalibratedClassifierCV(make_pipeline(StandardScaler(), svm_peer()), cv=5, ensemble=False)


def compare_machines(program, everything, train, rest, x, y, is_train, names, deviations):
    z = StandardScaler().fit_transform(x)
    report = program.train(everything, "--learner", "linear-svm")
    peer = svm_peer().fit(z, y)
    if len(peer.coef_) == 1 and report["fit"]["objective"] < machine_objective(peer, z, y) - 1e-8:
        print("  coefficients of a support vector machine are not compared: scikit-learn stopped short of the least objective")
    else:
        check("coefficients of a support vector machine", weights(report, names, deviations), peer.coef_, 1e-4)
    program.train(train, "--learner", "linear-svm", "--save", "v")
    judged = program.judge("v", rest)
    expected = classification_measures(calibrated_peer().fit(x[is_train], y[is_train]), x[~is_train], y[~is_train])
    for measure, tolerance in [("areaUnderROC", .002), ("logLoss", .02)]:
        check(f"{measure} on others, calibrated", judged[measure], expected[measure], tolerance)
    program.train(train, "--learner", "ftrl", "--save", "l")
    expected = classification_measures(
        make_pipeline(StandardScaler(), LogisticRegression(max_iter=100000)).fit(x[is_train], y[is_train]), x[~is_train], y[~is_train])
    check("areaUnderROC on others, FTRL", program.judge("l", rest)["areaUnderROC"], expected["areaUnderROC"], .01)
    if len(np.unique(y)) > 2:
        report = program.train(everything, "--learner", "logistic-regression", "--set", "multi-class=ovr")
        peer = one_against_rest_peer().fit(z, y)
        coefficients = np.vstack([machine.coef_ for machine in peer.estimators_])
        check("coefficients of one against the rest", weights(report, names, deviations), coefficients, 1e-4)
        for measure, value in classification_measures(peer, z, y).items():
            check(f"{measure} of one against the rest", report["trainingMetrics"][measure], value, 1e-6)


def record_machines(folder):
    """On the rows of the other files: machines of all rows, calibrated ones of all but every fourth, and one against the rest."""
    answers = {"madeBy": f"scikit-learn {sklearn.__version__}"}
    for name in ["breast cancer", "wine"]:
        x, y = SETS[name][0]()
        z = StandardScaler().fit_transform(x)
        is_train = np.arange(len(x)) % 4 != 3
        machine = svm_peer().fit(z, y)
        scores = machine.decision_function(z).reshape(len(x), -1)[:, -1]
        positive, w = (y == y.max()).astype(int), 1 + np.arange(len(x)) % 3 / 2
        calibrated = calibrated_peer().fit(x[is_train], y[is_train])
        answer = {"coefficients": machine.coef_.tolist(), "intercepts": machine.intercept_.tolist(), "scores": scores.tolist(),
                  "logLoss": classification_measures(calibrated, x[~is_train], y[~is_train])["logLoss"]}
        for kind, weight in [("sigmoid", None), ("weightedSigmoid", w)]:
            found = _SigmoidCalibration().fit(scores * .7 + .5 * np.sin(np.arange(len(x))), positive, sample_weight=weight)
            answer[kind] = [-found.a_, -found.b_]
        if len(np.unique(y)) > 2:
            peer = one_against_rest_peer().fit(z, y)
            answer |= {"oneAgainstRest": [machine.coef_[0].tolist() for machine in peer.estimators_],
                       "probabilities": peer.predict_proba(z).ravel().tolist()}
        answers[name.replace(" ", "-")] = answer
    with open(f"{folder}/machines.json", "w") as file:
        json.dump(answers, file, separators=(",", ":"))


def follow_the_regularized_leader(z, positive, weights, alpha=.1, beta=1, l1=0, l2=0, passes=1):
    """McMahan and others (2013), algorithm 1, on rows as they come; behind the weights the intercept, which has no penalty."""
    z = np.column_stack([z, np.ones(len(z))])
    penalty, ridge = np.full(z.shape[1], float(l1)), np.full(z.shape[1], float(l2))
    penalty[-1] = ridge[-1] = 0
    sums, squares = np.zeros(z.shape[1]), np.zeros(z.shape[1])

    def w():
        return np.where(np.abs(sums) <= penalty, 0, -(sums - np.sign(sums) * penalty) / ((beta + np.sqrt(squares)) / alpha + ridge))

    for _ in range(passes):
        for row, y, weight in zip(z, positive, weights):
            own = w()
            gradient = weight * (1 / (1 + np.exp(-row @ own)) - y) * row
            sums += gradient - (np.sqrt(squares + gradient ** 2) - np.sqrt(squares)) / alpha * own
            squares += gradient ** 2
    return w()


def record_leaders(folder):
    """Weights of standardized features and the intercept, a class a line, on the rows of the other files."""
    answers = {}
    for name, options in [("breast cancer", dict(l1=20, l2=.5, passes=3)), ("wine", dict(alpha=.3, beta=.5, passes=2))]:
        x, y = SETS[name][0]()
        w = 1 + np.arange(len(x)) % 3 / 2
        mean = np.average(x, axis=0, weights=w)
        z = (x - mean) / np.average((x - mean) ** 2, axis=0, weights=w) ** .5
        classes = [1] if y.max() == 1 else range(y.max() + 1)
        answers[name.replace(" ", "-")] = [follow_the_regularized_leader(z, y == c, w, **options).tolist() for c in classes]
    # Of features that are seldom there, as they are.
    random = np.random.default_rng(3)
    x = random.poisson(.2, size=(400, 8)).astype(float)
    y = (x @ [1, -1, .5, 0, 0, 0, 2, -.5] + random.logistic(size=400) > .3).astype(int)
    answers["seldom"] = {"rows": x.tolist(), "labels": y.tolist(),
                         "weights": follow_the_regularized_leader(x, y, np.ones(400), l1=6, passes=2).tolist()}
    with open(f"{folder}/leaders.json", "w") as file:
        json.dump(answers, file, separators=(",", ":"))


def counts():
    """A thousand counts, a third of them 0, of features on scales apart, with weights."""
    random = np.random.default_rng(5)
    x = random.normal(size=(1000, 5)) * [1, 40, .01, 1, 1] + [0, 300, 0, 0, 0]
    x[:, 3] = x[:, 0] + .3 * x[:, 3]
    x[:, 4] = random.random(1000) < .1
    x = x.round(4)
    y = random.poisson(np.exp(.2 + x @ [.5, .004, 30, -.4, .8] - 1.2))
    return x, y, 1 + np.arange(1000) % 4 / 2


def count_measures(model, x, y, weights=None):
    predicted = model.predict(x)
    return {"meanPoissonDeviance": metrics.mean_poisson_deviance(y, predicted, sample_weight=weights),
            "poissonDSquared": model.score(x, y, sample_weight=weights),
            "rootMeanSquaredError": metrics.root_mean_squared_error(y, predicted, sample_weight=weights)}


def poisson_peer(weight_sum, z, y, weights=None):
    """The default of hiveql: the penalty is one over the sum of the weights."""
    return PoissonRegressor(alpha=1 / weight_sum, solver="newton-cholesky", tol=1e-12).fit(z, y, sample_weight=weights)


def compare_counts(program):
    x, y, _ = counts()
    print(f"counts: {len(x)} rows, {x.shape[1]} features")
    program.table("counts", x, y)
    z = StandardScaler().fit_transform(x)
    peer = poisson_peer(len(x), z, y)
    report = program.train("select * from counts", "--learner", "poisson-regression")
    check("coefficients", weights(report, [f"x{i}" for i in range(5)], x.std(0))[0], peer.coef_, 1e-4)
    for measure, expected in count_measures(peer, z, y).items():
        check(f"{measure} on the rows trained on", report["trainingMetrics"][measure], expected, 1e-6)
    is_train = np.arange(len(x)) % 4 != 3
    program.train("select * from counts where id % 4 <> 3", "--learner", "poisson-regression", "--save", "p")
    judged = program.judge("p", "select * from counts where id % 4 = 3")
    part = StandardScaler().fit(x[is_train])
    peer = poisson_peer(is_train.sum(), part.transform(x[is_train]), y[is_train])
    for measure, expected in count_measures(peer, part.transform(x[~is_train]), y[~is_train]).items():
        check(f"{measure} on others", judged[measure], expected, 1e-4)


def record_counts(folder):
    """Of `counts`, and of the labels of diabetes as rates, whose rows `record` writes."""
    x, y, w = counts()
    mean = np.average(x, axis=0, weights=w)
    z = (x - mean) / np.average((x - mean) ** 2, axis=0, weights=w) ** .5
    rows, rates = SETS["diabetes"][0]()
    standardized = StandardScaler().fit_transform(rows)

    def answer(model, z, y, weights=None):
        return {"coefficients": model.coef_.tolist(), "intercept": model.intercept_,
                "measures": {key: float(value) for key, value in count_measures(model, z, y, weights).items()}}

    plain = PoissonRegressor(alpha=.1, fit_intercept=False, solver="newton-cholesky", tol=1e-12).fit(x[:, [0, 3, 4]], y)
    answers = {"madeBy": f"scikit-learn {sklearn.__version__}", "rows": x.tolist(), "labels": y.tolist(), "weights": w.tolist(),
               "counts": answer(poisson_peer(len(x), StandardScaler().fit_transform(x), y), StandardScaler().fit_transform(x), y),
               "weighted": answer(poisson_peer(w.sum(), z, y, w), z, y, w),
               "withoutIntercept": answer(plain, x[:, [0, 3, 4]], y),
               "diabetes": answer(poisson_peer(len(rows), standardized, rates), standardized, rates)}
    with open(f"{folder}/counts.json", "w") as file:
        json.dump(answers, file, separators=(",", ":"))


def compare_without_label(program):
    """On two of the sets and on planted anomalies; everything on standardized features."""
    for name in ["wine", "digits"]:
        x, y = SETS[name][0]()
        table = f"{name}_rows"
        program.table(table, x, y)
        print(f"{name} without a label: {len(x)} rows, {x.shape[1]} features")
        z = StandardScaler().fit_transform(x)
        base = ["train", "--query", table, "--identifier", "id", "--exclude", "y", "--json"]
        report = program.report(*base, "--learner", "kmeans", "--set", "num-clusters=5", "--set", "tolerance=0")
        found = report["fit"]["objective"]
        best = min(KMeans(5, n_init=1, tol=0, random_state=seed).fit(z).inertia_ for seed in range(10))
        worst = max(KMeans(5, n_init=1, tol=0, random_state=seed).fit(z).inertia_ for seed in range(10))
        print(f"  k-means {found:.3f}, scikit-learn's k-means++ {best:.3f} to {worst:.3f} in ten runs")
        check("k-means is among them", max(0, found / worst - 1), 0, .05)
        program.run(*base, "--learner", "pca", "--save", "components")
        program.run("-S", "-e", f"import model {name}_components from 'file://{program.folder}/components'")
        info = program.run("-S", "-e", f"select eigenvalue from ml.principal_component_info(model {name}_components) i")
        values = PCA().fit(z).explained_variance_
        check("eigenvalues", [float(line) for line in info.split()], values, 1e-9)
    random = np.random.default_rng(7)
    x = np.vstack([random.normal(size=(5000, 6)), random.uniform(-6, 6, size=(100, 6))])
    y = np.arange(5100) // 5000
    program.table("planted", x, y)
    program.run("train", "--query", "planted", "--identifier", "id", "--exclude", "y", "--learner", "isolation-forest", "--save", "i")
    rows = program.run("predict", "--model", "i", "--query", "planted", "--keep", "y", "-S").split()
    found = metrics.roc_auc_score([int(v) for v in rows[1::4]], [float(v) for v in rows[3::4]])
    expected = metrics.roc_auc_score(y, -IsolationForest(random_state=0).fit(x).score_samples(x))
    print("planted anomalies: 5100 rows, 6 features")
    check("AUC of an isolation forest", found, expected, .005)


def record_without_label(folder):
    """Of the rows of wine, whose file `record` writes: k-means from three of them, and principal components."""
    x, _ = datasets.load_wine(return_X_y=True)
    z = StandardScaler().fit_transform(x)
    start, weights = [3, 77, 150], 1 + np.arange(len(x)) % 3

    def clusters(rows, w=None):
        model = KMeans(3, init=rows[start], n_init=1, tol=0).fit(rows, sample_weight=w)
        return {"inertia": model.inertia_, "labels": model.labels_.tolist(),
                "daviesBouldin": metrics.davies_bouldin_score(rows, model.labels_)}

    def components(rows):
        model = PCA().fit(rows)
        return {"components": model.components_.tolist(), "variances": model.explained_variance_.tolist(),
                "ratios": model.explained_variance_ratio_.tolist()}

    answer = {"madeBy": f"scikit-learn {sklearn.__version__}", "start": start, "plain": clusters(x), "scaled": clusters(z),
              "weighted": clusters(z, weights), "plainComponents": components(x), "scaledComponents": components(z)}
    with open(f"{folder}/wine-without-label.json", "w") as file:
        json.dump(answer, file, separators=(",", ":"))


def record(folder):
    os.makedirs(folder, exist_ok=True)
    record_trees_and_bayes(folder)
    record_without_label(folder)
    record_machines(folder)
    record_leaders(folder)
    record_counts(folder)
    for name in ["breast cancer", "wine", "diabetes"]:
        load, kind = SETS[name]
        x, y = load()
        scaler = StandardScaler().fit(x)
        z = scaler.transform(x)
        if kind == "classes":
            model = LogisticRegression(C=1, tol=1e-12, max_iter=100000).fit(z, y)
            measures = classification_measures(model, z, y)
        else:
            model = LinearRegression().fit(z, y)
            measures = regression_measures(model, z, y)
        answer = {"madeBy": f"scikit-learn {sklearn.__version__}, StandardScaler and {model}",
                  "coefficients": np.atleast_2d(model.coef_).tolist(), "deviations": (scaler.var_ ** .5).tolist(),
                  "measures": {key: float(value) for key, value in measures.items()},
                  "labels": y.tolist(), "rows": x.tolist()}
        with open(f"{folder}/{name.replace(' ', '-')}.json", "w") as file:
            json.dump(answer, file, separators=(",", ":"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", nargs="?")
    parser.add_argument("--only", default="")
    parser.add_argument("--record", metavar="FOLDER")
    options = parser.parse_args()
    if options.record:
        record(options.record)
        return
    if not options.program:
        parser.error("which program?")
    with tempfile.TemporaryDirectory() as folder:
        program = Program(options.program, folder)
        for name, load, kind in all_sets(program):
            if options.only in name:
                compare(program, name, *load(), kind)
        if options.only in "counts":
            compare_counts(program)
        if options.only in "without a label":
            compare_without_label(program)
    print("all agree" if not FAILED else f"{len(FAILED)} differ")
    sys.exit(1 if FAILED else 0)


if __name__ == "__main__":
    main()
