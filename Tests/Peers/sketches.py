#!/usr/bin/env python3
"""Compares sketches with those of Apache DataSketches' Python library (pip install datasketches), both ways.

    Tests/Peers/sketches.py --record Tests/Fixtures/sketches
        writes sketches of the library, as expressions of hiveql and their answers, for `make test`.
    Tests/Peers/sketches.py --check .build/release/hiveql
        lets the library read sketches of hiveql and compares what both say of them.
"""
import json
import math
import os
import random
import struct
import subprocess
import sys
import tempfile

import datasketches as ds

HLL_TYPES = {"HLL_4": ds.tgt_hll_type.HLL_4, "HLL_6": ds.tgt_hll_type.HLL_6, "HLL_8": ds.tgt_hll_type.HLL_8}


def filled(sketch, values):
    for value in values:
        sketch.update(value)
    return sketch


def of(sketch):
    return f"unhex('{sketch.hex()}')"


def bounds(sketch, kappa):
    return [sketch.get_estimate(), sketch.get_lower_bound(kappa), sketch.get_upper_bound(kappa)]


def hll_cases():
    for lg_k, kind, count in [(4, "HLL_4", 3), (4, "HLL_6", 9), (4, "HLL_8", 900), (5, "HLL_4", 70), (6, "HLL_6", 200), (7, "HLL_4", 5000),
                              (8, "HLL_4", 0), (8, "HLL_8", 24), (8, "HLL_6", 25), (9, "HLL_4", 30000), (11, "HLL_4", 190), (11, "HLL_6", 2500)]:
        first = filled(ds.hll_sketch(lg_k, HLL_TYPES[kind]), range(count))
        second = filled(ds.hll_sketch(lg_k, HLL_TYPES[kind]), range(count // 2, count * 2))
        union = ds.hll_union(lg_k)
        union.update(first)
        union.update(second)
        both = union.get_result(HLL_TYPES["HLL_8"])
        for sketch in [first.serialize_compact(), first.serialize_updatable(), both.serialize_compact()]:
            known = ds.hll_sketch.deserialize(sketch)
            for kappa in [1, 2, 3]:
                yield f"ds_hll_estimate_bounds({of(sketch)}, {kappa})", bounds(known, kappa)
        if count > 400:
            pair = f"{of(first.serialize_compact())}, {of(second.serialize_compact())}, {lg_k}, 'HLL_8'"
            yield f"hex(ds_hll_union_f({pair}))", both.serialize_compact().hex().upper()


def theta_cases():
    for lg_k, count in [(5, 0), (5, 1), (5, 20), (5, 3000), (7, 90), (7, 200), (8, 5000)]:
        first = filled(ds.update_theta_sketch(lg_k), range(count)).compact()
        second = filled(ds.update_theta_sketch(lg_k), range(count // 2, count * 2)).compact()
        a, b = of(first.serialize()), of(second.serialize())
        union = ds.theta_union(lg_k)
        union.update(first)
        union.update(second)
        common = ds.theta_intersection()
        common.update(first)
        common.update(second)
        yield f"ds_theta_estimate({a})", first.get_estimate()
        yield f"ds_theta_estimate({of(first.serialize())}, 9001)", first.get_estimate()
        yield f"ds_theta_estimate(ds_theta_union_f({a}, {b}, {1 << lg_k}))", union.get_result().get_estimate()
        yield f"ds_theta_estimate(ds_theta_intersect_f({a}, {b}))", common.get_result().get_estimate()
        yield f"ds_theta_estimate(ds_theta_exclude({a}, {b}))", ds.theta_a_not_b().compute(first, second).get_estimate()
    seeded = filled(ds.update_theta_sketch(5, seed=7), range(10)).compact()
    yield f"ds_theta_estimate({of(seeded.serialize())}, 7)", 10.0


def kll_cases():
    numbers = random.Random(11)
    for k, count in [(8, 0), (8, 1), (8, 500), (20, 60), (200, 150), (200, 3000)]:
        values = [numbers.choice([numbers.uniform(0, 100), float(numbers.randrange(20))]) for _ in range(count)]
        sketch = filled(ds.kll_floats_sketch(k), [struct.unpack("f", struct.pack("f", value))[0] for value in values])
        s = of(sketch.serialize())
        yield f"ds_kll_n({s})", count
        if count == 0:
            yield f"ds_kll_quantile({s}, 0.5)", None
            continue
        for inclusive in [True, False]:
            word = str(inclusive).lower()
            yield f"ds_kll_rank({s}, {word}, 7.0)", sketch.get_rank(7.0, inclusive)
            shares = [0, 0.125, 0.5, 0.875, 1]
            yield (f"ds_kll_quantiles({s}, {word}, {', '.join(map(str, shares))})", [sketch.get_quantile(share, inclusive) for share in shares])
            yield f"ds_kll_cdf({s}, {word}, 3.0, 7.0, 42.5)", list(sketch.get_cdf([3.0, 7.0, 42.5], inclusive))
            yield f"ds_kll_pmf({s}, {word}, 3.0, 7.0, 42.5)", list(sketch.get_pmf([3.0, 7.0, 42.5], inclusive))
        yield f"ds_kll_quantile({s}, 0.25)", sketch.get_quantile(0.25, True)


def quantile_doubles_cases():
    numbers = random.Random(12)
    for k, count in [(2, 0), (2, 1), (4, 700), (16, 31), (128, 200), (128, 3000)]:
        sketch = filled(ds.quantiles_doubles_sketch(k), [numbers.choice([numbers.gauss(20, 30), float(numbers.randrange(20))]) for _ in range(count)])
        s = of(sketch.serialize())
        yield f"ds_quantile_doubles_n({s})", count
        yield f"ds_quantile_doubles_k({s})", k
        if count == 0:
            yield f"ds_quantile_doubles_rank({s}, 0.5)", None
            continue
        for inclusive in [True, False]:
            word = str(inclusive).lower()
            shares = [0, 0.125, 0.5, 0.875, 1]
            yield f"ds_quantile_doubles_rank({s}, {word}, 7.0)", sketch.get_rank(7.0, inclusive)
            yield (f"ds_quantile_doubles_quantiles({s}, {word}, {', '.join(map(str, shares))})",
                   [sketch.get_quantile(share, inclusive) for share in shares])
            yield f"ds_quantile_doubles_cdf({s}, {word}, 3.0, 7.0, 42.5)", list(sketch.get_cdf([3.0, 7.0, 42.5], inclusive))
            yield f"ds_quantile_doubles_pmf({s}, {word}, 3.0, 7.0, 42.5)", list(sketch.get_pmf([3.0, 7.0, 42.5], inclusive))
        yield f"ds_quantile_doubles_quantile({s}, 0.25)", sketch.get_quantile(0.25, True)


def cpc_cases():
    for lg_k in [4, 6, 8]:
        size = 1 << lg_k
        for count in [0, 1, size // 12, size // 4, size, 2 * size, 4 * size, 9 * size, 40 * size]:
            first = filled(ds.cpc_sketch(lg_k), range(count))
            second = filled(ds.cpc_sketch(lg_k), range(count // 2, count * 2))
            union = ds.cpc_union(lg_k)
            union.update(first)
            union.update(second)
            both = union.get_result()
            yield f"ds_cpc_estimate_bounds({of(first.serialize())})", bounds(first, 2)
            yield f"ds_cpc_estimate_bounds({of(both.serialize())}, 3)", bounds(both, 3)
            if count > 0:
                yield f"hex(ds_cpc_union_f({of(first.serialize())}, {of(second.serialize())}, {lg_k}))", both.serialize().hex().upper()


def record(folder):
    os.makedirs(folder, exist_ok=True)
    for name, cases in [("hll", hll_cases), ("theta", theta_cases), ("kll", kll_cases), ("quantile_doubles", quantile_doubles_cases), ("cpc", cpc_cases)]:
        with open(os.path.join(folder, name + ".json"), "w") as file:
            json.dump([{"expression": expression, "answer": answer} for expression, answer in cases()], file, indent=0)
            file.write("\n")


def run(program, script):
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ, HIVEQL_WAREHOUSE=folder)
        answer = subprocess.run([program, "-S", "-e", script], env=environment, capture_output=True, text=True, check=True).stdout
    return [line.split("\t") for line in answer.splitlines()]


def agree(name, left, right):
    if not math.isclose(left, right, rel_tol=1e-6, abs_tol=1e-6):
        raise SystemExit(f"{name}: hiveql says {left}, the library {right}")


def check(program):
    numbers = "(select pos as x, pos % 3 as part from (select posexplode(split(space({0} - 1), ' ')) as (pos, w)) e) t"
    makers = [(f"hll, {k}, '{kind}'", ds.hll_sketch.deserialize) for k in [4, 8, 12] for kind in HLL_TYPES]
    makers += [(f"theta, {k}", ds.compact_theta_sketch.deserialize) for k in [32, 4096]]
    makers += [(f"cpc, {k}", ds.cpc_sketch.deserialize) for k in [4, 11]]
    tried = 0
    for maker, read in makers:
        family, _, options = maker.partition(", ")
        for count in [1, 5, 30, 400, 9000, 100000]:
            source = numbers.format(count)
            made = f"select hex(s), ds_{family}_estimate(s) from (select ds_{family}_sketch(x, {options}) as s from {source}) a"
            united = (f"select hex(s), ds_{family}_estimate(s) from (select ds_{family}_union(s, {options}) as s from "
                      f"(select ds_{family}_sketch(x, {options}) as s from {source} group by part) a) b")
            rows = run(program, made + ";" + united)
            for sketch, estimate in rows:
                agree(f"{maker} of {count}", float(estimate), read(bytes.fromhex(sketch)).get_estimate())
                tried += 1
            if len(rows) != 2 or rows[0] != rows[1]:
                raise SystemExit(f"{maker} of {count}: the sketch of all and the union of parts differ")
    for family, k, read in [("kll", 8, ds.kll_floats_sketch), ("kll", 200, ds.kll_floats_sketch), ("quantile_doubles", 16, ds.quantiles_doubles_sketch),
                            ("quantile_doubles", 128, ds.quantiles_doubles_sketch)]:
        for count in [1, 150, 9000]:
            ask = ", ".join(f"ds_{family}_quantile(s, {share})" for share in [0, 0.1, 0.5, 1])
            made = f"select hex(s), {ask} from (select ds_{family}_sketch(cast(x as float), {k}) as s from {numbers.format(count)}) a"
            (sketch, *quantiles), = run(program, made)
            known = read.deserialize(bytes.fromhex(sketch))
            agree(f"{family} of {count}", count, known.n)
            for share, quantile in zip([0, 0.1, 0.5, 1], quantiles):
                agree(f"{family} of {count}, quantile {share}", float(quantile), known.get_quantile(share, True))
            tried += 1
    print(f"sketches: {tried} of hiveql are read by the library, and say the same")


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ["--record", "--check"]:
        raise SystemExit(__doc__)
    record(sys.argv[2]) if sys.argv[1] == "--record" else check(sys.argv[2])
