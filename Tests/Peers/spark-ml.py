#!/usr/bin/env python3
"""Trains linear models on the same rows with hiveql and Spark ML, and compares what they learned.

    Tests/Peers/spark-ml.py .build/release/hiveql [--only NAME]

The data sets of learners.py. On all rows both minimize the same objective, hiveql with its default settings: coefficients agree to
1e-4 of the largest. Elastic nets, and counts, with the same penalties: to 1e-4. Then both train on three quarters of the rows, Spark
with what its users have (a StandardScaler, and the default settings but for the penalty), and AUC, log loss, R² and RMSE of the
others agree to .002. What is not compared, since Spark's answer is another one by design: trees (it bins by samples).
Without Python's module pyspark, or Java, it says so and ends. A line a comparison; the exit status is 1 when one differs.
"""
import argparse
import os
import sys
import tempfile

import numpy as np
from sklearn.preprocessing import StandardScaler

import learners
from learners import Program, all_sets, check, classification_measures, counts, regression_measures, weights


class SparkPeer:
    """A model of Spark ML as scikit-learn's are asked."""

    def __init__(self, spark, estimator):
        self.spark, self.estimator = spark, estimator

    def frame(self, x, y=None):
        from pyspark.ml.linalg import Vectors
        labels = np.zeros(len(x)) if y is None else y
        return self.spark.createDataFrame([(float(v), Vectors.dense(row.tolist())) for v, row in zip(labels, x)], ["label", "features"])

    def fit(self, x, y):
        self.model = self.estimator.fit(self.frame(x, y))
        return self

    def answers(self, x, column):
        return [row[0] for row in self.model.transform(self.frame(x)).select(column).collect()]

    def predict(self, x):
        return np.array(self.answers(x, "prediction"))

    def predict_proba(self, x):
        return np.array([row.toArray() for row in self.answers(x, "probability")])

    @property
    def coefficients(self):
        if hasattr(self.model, "numClasses") and self.model.numClasses > 2:
            return self.model.coefficientMatrix.toArray()
        return self.model.coefficients.toArray()[None, :]


def estimators(kind, y, **exactly):
    """Logistic or linear regression with hiveql's default penalty."""
    from pyspark.ml.classification import LogisticRegression
    from pyspark.ml.regression import LinearRegression
    if kind == "classes":
        return LogisticRegression(regParam=1 / len(y), standardization=False, **exactly)
    return LinearRegression(regParam=0, standardization=False, **exactly)


def compare(spark, program, name, x, y, kind):
    print(f"{name}: {len(x)} rows, {x.shape[1]} features")
    table = name.replace(" ", "_")
    program.table(table, x, y)
    names = [f"x{i}" for i in range(x.shape[1])]
    learner = "logistic-regression" if kind == "classes" else "linear-regression"
    measures = classification_measures if kind == "classes" else regression_measures
    scaler = StandardScaler().fit(x)
    z, deviations = scaler.transform(x), np.where(scaler.var_ > 0, scaler.var_ ** .5, 0)
    exact = {"maxIter": 10000, "tol": 1e-12}
    peer = SparkPeer(spark, estimators(kind, y, **exact)).fit(z, y)
    report = program.train(f"select * from {table}", "--learner", learner)
    check("coefficients, Spark ML", weights(report, names, deviations), peer.coefficients, 1e-4)
    for measure, expected in measures(peer, z, y).items():
        if measure not in ("accuracy", "macroF1"):
            check(f"{measure} on the rows trained on, Spark ML", report["trainingMetrics"][measure], expected, 1e-5)
    if kind == "number":
        penalty = float(np.std(y)) / 50
        peer = SparkPeer(spark, estimators(kind, y, elasticNetParam=.5, **exact).setRegParam(penalty)).fit(z, y)
        report = program.train(
            f"select * from {table}", "--learner", learner, "--set", f"l1={penalty / 2!r}", "--set", f"l2={penalty / 2 / np.std(y, ddof=1)!r}")
        check("coefficients of an elastic net, Spark ML", weights(report, names, deviations), peer.coefficients, 1e-4)
    is_train = np.arange(len(x)) % 4 != 3
    part = StandardScaler().fit(x[is_train])
    peer = SparkPeer(spark, estimators(kind, y[is_train])).fit(part.transform(x[is_train]), y[is_train])
    program.train(f"select * from {table} where id % 4 <> 3", "--learner", learner, "--save", "m")
    judged = program.judge("m", f"select * from {table} where id % 4 = 3")
    for measure, expected in measures(peer, part.transform(x[~is_train]), y[~is_train]).items():
        if measure not in ("accuracy", "macroF1"):
            check(f"{measure} on others, Spark ML's defaults", judged[measure], expected, .002)


def compare_counts(spark, program):
    from pyspark.ml.regression import GeneralizedLinearRegression
    x, y, _ = counts()
    print(f"counts: {len(x)} rows, {x.shape[1]} features")
    program.table("counts", x, y)
    z = StandardScaler().fit_transform(x)
    peer = SparkPeer(spark, GeneralizedLinearRegression(family="poisson", link="log", maxIter=100, tol=1e-12)).fit(z, y)
    report = program.train("select * from counts", "--learner", "poisson-regression", "--set", "l2=0")
    check("coefficients, Spark ML", weights(report, [f"x{i}" for i in range(5)], x.std(0)), peer.coefficients, 1e-4)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    try:
        from pyspark.sql import SparkSession
        spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false").getOrCreate()
    except Exception as error:
        print(f"Spark ML is not compared: {error}")
        return
    spark.sparkContext.setLogLevel("ERROR")
    with tempfile.TemporaryDirectory() as folder:
        program = Program(options.program, folder)
        for name, load, kind in all_sets(program):
            if options.only in name:
                compare(spark, program, name, *load(), kind)
        if options.only in "counts":
            compare_counts(spark, program)
    spark.stop()
    print("all agree" if not learners.FAILED else f"{len(learners.FAILED)} differ")
    sys.exit(1 if learners.FAILED else 0)


if __name__ == "__main__":
    main()
