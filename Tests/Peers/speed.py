#!/usr/bin/env python3
"""From text files to a judged model: hiveql against pandas with scikit-learn or XGBoost, on the same rows, in one run.

    Tests/Peers/speed.py .build/release/hiveql [--rows 2000000] [--data FOLDER] [--runs 3] [--only NAME]

The rows are fares of `hiveql generate` (made in FOLDER, a temporary one unless given). Each side reads the files, encodes two text
columns and four or five numbers, trains on three quarters of the rows and judges on the rest, as a process of its own; both
minimize the same objective (scikit-learn's defaults with standardized numbers; XGBoost's with the same parameters). A line a task:
the medians of the seconds and of the peak memory, their ratios, and what both measured.
"""
import argparse
import glob
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

NUMBERS = ["fare_amount", "surcharge", "mta_tax", "tolls_amount"]
TASKS = {
    "logistic": dict(label="tipped", texts=["vendor_id", "payment_type"], numbers=NUMBERS, learner="logistic-regression", measure="areaUnderROC"),
    "multinomial": dict(label="payment_type", texts=["vendor_id"], numbers=NUMBERS + ["tip_amount"], learner="logistic-regression", measure="logLoss"),
    "trees": dict(label="tipped", texts=["vendor_id", "payment_type"], numbers=NUMBERS, learner="boosted-trees", measure="areaUnderROC",
                  options=["--set", "rounds=50", "--set", "learning-rate=0.1", "--set", "depth=6"]),
}

PEER = r'''
import glob, sys
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

folder, task, texts, numbers, label = sys.argv[1], sys.argv[2], sys.argv[3].split(","), sys.argv[4].split(","), sys.argv[5]
columns = sorted(set(texts + numbers + ["tip_amount"] + ([label] if label != "tipped" else [])))
rows = pd.concat([pd.read_csv(f, usecols=columns) for f in sorted(glob.glob(folder + "/trip_fare_*.csv"))], ignore_index=True)
y = (rows.tip_amount > 0).astype(int) if label == "tipped" else rows[label]
x, held, y, truth = train_test_split(rows[texts + numbers], y, test_size=0.25, random_state=7)
encode = ColumnTransformer([("texts", OneHotEncoder(), texts), ("numbers", StandardScaler(), numbers)])
if task == "trees":
    import xgboost
    learner = xgboost.XGBClassifier(n_estimators=50, learning_rate=0.1, max_depth=6, tree_method="hist")
else:
    from sklearn.linear_model import LogisticRegression
    learner = LogisticRegression(max_iter=1000)
model = make_pipeline(encode, learner).fit(x, y)
probabilities = model.predict_proba(held)
print(log_loss(truth, probabilities, labels=model.classes_) if task == "multinomial" else roc_auc_score(truth, probabilities[:, 1]))
'''


def timed(command, env=None):
    """Seconds, peak megabytes and output of a process."""
    begin = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, env=env, text=True)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        out.seek(0), err.seek(0)
        if status:
            sys.exit(f"{' '.join(command[:3])} … failed:\n{err.read()}")
        return seconds, usage.ru_maxrss / 1024, out.read()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("hiveql")
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--data")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only")
    a = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        data = os.path.abspath(a.data or temporary + "/taxi")
        if not glob.glob(data + "/trip_fare_*.csv"):
            subprocess.run([a.hiveql, "generate", data, "--rows", str(a.rows)], check=True, stdout=subprocess.DEVNULL)
        # A folder with the fares alone.
        fares = temporary + "/fares"
        os.makedirs(fares)
        for path in glob.glob(data + "/trip_fare_*.csv"):
            os.symlink(path, os.path.join(fares, os.path.basename(path)))
        env = dict(os.environ, HIVEQL_WAREHOUSE=temporary + "/warehouse")
        columns = "medallion string, hack_license string, vendor_id string, pickup_datetime string, payment_type string, " \
            "fare_amount double, surcharge double, mta_tax double, tip_amount double, tolls_amount double, total_amount double"
        subprocess.run(
            [a.hiveql, "-S", "-e", f"create external table fares ({columns}) row format delimited fields terminated by ',' "
             f"location 'file://{fares}' tblproperties ('skip.header.line.count' = '1')"], check=True, env=env)
        for name, task in TASKS.items():
            if a.only and a.only != name:
                continue
            label = "tip_amount > 0 as tipped" if task["label"] == "tipped" else task["label"]
            query = f"select {', '.join(task['texts'] + task['numbers'])}, {label} from fares"
            ours, theirs = [], []
            for _ in range(a.runs):
                ours.append(timed(
                    [a.hiveql, "train", "--query", query, "--label", task["label"], "--learner", task["learner"], "--split", "0.75",
                     "--seed", "7", "--json"] + task.get("options", []), env))
                theirs.append(timed(
                    [sys.executable, "-c", PEER, fares, name, ",".join(task["texts"]), ",".join(task["numbers"]), task["label"]]))
            seconds = [statistics.median(run[0] for run in side) for side in (ours, theirs)]
            memory = [statistics.median(run[1] for run in side) for side in (ours, theirs)]
            measure = json.loads(ours[0][2])["evaluationMetrics"][task["measure"]]
            print(
                f"{name:12} hiveql {seconds[0]:6.2f} s {memory[0]:6.0f} MB   peer {seconds[1]:6.2f} s {memory[1]:6.0f} MB   "
                f"{seconds[1] / seconds[0]:5.1f} × faster, {memory[0] / memory[1]:.2f} of the memory   {task['measure']} "
                f"{measure:.5f} / {float(theirs[0][2].strip().splitlines()[-1]):.5f}", flush=True)


if __name__ == "__main__":
    main()
