#!/usr/bin/env python3
"""Trains with hiveql, writes the models for ONNX Runtime and XGBoost, and compares their predictions with hiveql's own.

    Tests/Peers/models.py .build/release/hiveql [--only NAME]

Data sets of scikit-learn, and one of texts, levels, arrays and missing values. Probabilities and numbers agree to 1e-6 (numbers: of
their spread; sums of trees, which are in single precision, to 1e-5); trees in XGBoost's own package to 1e-6. What Python has no module for is skipped, and said. A line a
comparison; the exit status is 1 when one differs.
"""
import argparse
import os
import subprocess
import sys
import tempfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

TOLERANCE = 1e-6
# XGBoost adds up trees in single precision, and each program in an order of its own.
SINGLE_TOLERANCE = 1e-5
FAILED = []


def matrix(x, y):
    table = {f"x{n}": pa.array(x[:, n].astype(float)) for n in range(x.shape[1])}
    table["y"] = pa.array(y)
    return pa.table(table)


def sets():
    from sklearn import datasets
    for name, load in (("breast cancer", datasets.load_breast_cancer), ("digits", datasets.load_digits)):
        x, y = load(return_X_y=True)
        yield name, matrix(x, y.astype(np.int64)), []
    x, y = datasets.load_diabetes(return_X_y=True, scaled=False)
    yield "diabetes", matrix(x, y.astype(float)), []
    random = np.random.default_rng(5)
    n = 2000
    texts = np.array(["plain", "a,b", "ü", "it's", "rare 1", "rare 2", None], dtype=object)
    k = texts[random.choice(7, n, p=[.1, .3, .2, .2, .01, .01, .18])]
    x = np.where(random.random(n) < .2, np.nan, random.normal(size=n))
    z = np.where(random.random(n) < .1, np.nan, random.normal(size=n))
    score = np.nan_to_num(x) + np.array([0 if v is None else len(v) for v in k]) * .5 + random.logistic(size=n)
    mixed = {
        "k": pa.array(k, pa.string()), "x": pa.array(x, from_pandas=True), "z": pa.array(z, from_pandas=True),
        "l": pa.array([f"{v}" for v in random.integers(0, 4, n)]), "v": pa.array(list(random.normal(size=(n, 3)))),
        "c": pa.array(random.integers(0, 5, n)),
    }
    for name, y in (("mixed classes", np.where(score > 1, "yes", "no")), ("mixed numbers", score), ("mixed three", np.digitize(score, [0, 2]).astype(str))):
        for what, options in (
            ("", []), (", indicator", ["--missing", "indicator"]), (", index", ["--encoding", "index"]),
            (", rare", ["--max-levels", "4", "--rare", "group-rare", "--categorical", "c"]), (", own slot", ["--unseen", "own-slot"]),
            (", frequency", ["--encode", "k=frequency"]),
        ):
            yield name + what, pa.table(mixed | {"y": pa.array(y)}), options
    # Sparse: a hundred levels and more, and some that the model did not see.
    wide = pa.table({"k": pa.array([f"level {v}" for v in random.integers(0, 150, 4000)]), "x": pa.array(random.normal(size=4000)),
                     "y": pa.array(random.normal(size=4000))})
    yield "sparse", wide, ["--max-levels", "200"]


TYPES = {pa.float64(): "double", pa.string(): "string", pa.int64(): "bigint", pa.list_(pa.float64()): "array<double>"}


def run(hiveql, folder, *arguments):
    done = subprocess.run([hiveql, *arguments], capture_output=True, text=True, env=dict(os.environ, HIVEQL_WAREHOUSE=f"{folder}/warehouse"))
    if done.returncode:
        raise RuntimeError(f"hiveql {' '.join(arguments)}: {done.stderr}")


def tell(name, found, expected, scale=1.0, tolerance=TOLERANCE):
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    difference = float(np.max(np.abs(found - expected))) / scale if found.shape == expected.shape and not np.isnan(found).any() else float("nan")
    ok = difference <= tolerance
    if not ok:
        FAILED.append(name)
    print(f"{'ok ' if ok else 'DIFFERS'} {name}: {difference:.1e}")


def onnx_inputs(session, metadata, table, features):
    """What the graph takes, from the columns; encoded ones from the features that hiveql writes."""
    import json
    encoded = json.loads(metadata.get("hiveql_encoded_columns", "[]"))
    names = [i.name for i in session.get_inputs()]
    inputs = {}
    for i in session.get_inputs():
        if i.name == "features" and names == ["features"]:
            columns = json.loads(metadata["hiveql_columns"])
            inputs[i.name] = np.array([table.column(c).to_numpy(zero_copy_only=False).astype(float) for c in columns]).T
        elif i.name in encoded:
            columns = [c for c in features.column_names if c.startswith(i.name + ".")]
            inputs[i.name] = np.array([features.column(c).to_numpy(zero_copy_only=False).astype(float) for c in columns]).T
        elif i.type == "tensor(string)":
            inputs[i.name] = np.array([["" if v is None else str(v)] for v in table.column(i.name).to_pylist()], dtype=object)
        elif pa.types.is_list(table.schema.field(i.name).type):
            inputs[i.name] = np.array(table.column(i.name).to_pylist())
        else:
            inputs[i.name] = table.column(i.name).to_numpy(zero_copy_only=False).astype(float).reshape(-1, 1)
    return inputs


def compare(hiveql, name, table, options, learner, modules):
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(f"{folder}/t")
        pq.write_table(table, f"{folder}/t/f.parquet")
        columns = ", ".join(f"{f.name} {TYPES[f.type]}" for f in table.schema)
        run(hiveql, folder, "-S", "-e", f"create external table t ({columns}) stored as parquet location '{folder}/t'")
        model = f"{folder}/m"
        run(hiveql, folder, "train", "-S", "--query", "t", "--label", "y", "--learner", learner, "--save", model, *options)
        run(hiveql, folder, "predict", "-S", "--model", model, "--query", "t", "--output", f"{folder}/p.arrow")
        run(hiveql, folder, "export", "-S", "--model", model, "--query", "t", "--to", f"{folder}/f.parquet")
        predicted = pa.ipc.open_file(f"{folder}/p.arrow").read_all()
        features = pq.read_table(f"{folder}/f.parquet")
        regression = predicted.num_columns == 1
        expected = np.array([predicted.column(c).to_numpy() for c in range(0 if regression else 2, predicted.num_columns)]).T
        scale = max(float(np.std(expected)), 1e-9) if regression else 1.0
        if "onnxruntime" in modules:
            import onnx
            import onnxruntime
            run(hiveql, folder, "export", "-S", "--model", model, "--to", f"{folder}/m.onnx")
            onnx.checker.check_model(f"{folder}/m.onnx", full_check=True)
            session = onnxruntime.InferenceSession(f"{folder}/m.onnx")
            inputs = onnx_inputs(session, session.get_modelmeta().custom_metadata_map, table, features)
            found = session.run(None, inputs)
            tolerance = SINGLE_TOLERANCE if regression and learner == "boosted-trees" else TOLERANCE
            tell(f"{name}, {learner}, ONNX", found[-1], expected, scale, tolerance)
            if not regression:
                same = [str(v) for v in found[0]] == [str(v) for v in predicted.column("prediction").to_pylist()]
                tell(f"{name}, {learner}, ONNX's classes", [same], [True])
        if "xgboost" in modules and learner == "boosted-trees":
            import xgboost
            run(hiveql, folder, "export", "-S", "--model", model, "--query", "t", "--to", f"{folder}/x.npz")
            archive = np.load(f"{folder}/x.npz")
            if "X" in archive:
                data = archive["X"]
            else:
                import scipy.sparse
                data = scipy.sparse.load_npz(f"{folder}/x.npz")
            for suffix in ("json", "ubj"):
                run(hiveql, folder, "export", "-S", "--model", model, "--to", f"{folder}/m.{suffix}")
                booster = xgboost.Booster(model_file=f"{folder}/m.{suffix}")
                named = booster.feature_names
                found = booster.predict(xgboost.DMatrix(data, feature_names=named))
                if found.ndim == 1:
                    found = found.reshape(-1, 1) if regression else np.column_stack([1 - found, found])
                tell(f"{name}, XGBoost's {suffix}, {'named' if named else 'without names'}", found, expected, scale)


def learners(table):
    y = table.column("y")
    if not pa.types.is_floating(y.type):
        return ["logistic-regression", "linear-svm", "boosted-trees"]
    return ["linear-regression", "boosted-trees"] + (["poisson-regression"] if min(y.to_pylist()) >= 0 else [])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("hiveql")
    p.add_argument("--only", default="")
    options = p.parse_args()
    modules = []
    for name in ("onnxruntime", "xgboost"):
        try:
            __import__(name)
            modules.append(name)
        except ImportError:
            print("models: skipped, Python has no module", name)
    for name, table, more in sets():
        if options.only not in name:
            continue
        for learner in learners(table):
            compare(os.path.abspath(options.hiveql), name, table, more, learner, modules)
    print("differences:", ", ".join(FAILED) or "none")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
