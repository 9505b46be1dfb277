#!/usr/bin/env bash
# Kills hiveql at random moments of INSERT OVERWRITE and checks that the table is always one whole version.
#   Tests/kill-during-overwrite.sh [path of hiveql] [rounds] [rows]
set -euo pipefail
hiveql=${1:-.build/debug/hiveql}
rounds=${2:-20}
rows=${3:-20000}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
options=(-S -hiveconf "hive.metastore.warehouse.dir=$folder/warehouse")
run() { "$hiveql" "${options[@]}" "$@"; }

seq "$rows" > "$folder/numbers.txt"
run -e "create table s (x int); load data local inpath '$folder/numbers.txt' into table s;
        create table t (n int, x int); insert overwrite table t select 0, x from s"
expected="$rows"$'\t1\t'"$rows"
for ((round = 1; round <= rounds; round++)); do
  script="$folder/loop.hql"
  : > "$script"
  for ((n = 1; n <= 200; n++)); do echo "insert overwrite table t select $round * 1000 + $n, x from s;" >> "$script"; done
  # Not through the function: its process would be a shell, and the kill would miss hiveql.
  "$hiveql" "${options[@]}" -f "$script" 2> /dev/null & child=$!
  sleep "0.$(printf %03d $((RANDOM % 700)))"
  kill -9 "$child" 2> /dev/null || true
  wait "$child" 2> /dev/null || true
  seen=$(run -e "select count(*), count(distinct n), count(distinct x) from t")
  if [[ $seen != "$expected" ]]; then
    echo "round $round: expected '$expected', the table has '$seen'" >&2
    exit 1
  fi
done
if find "$folder/warehouse" -name '.hive-staging*' | grep -q .; then
  echo "staging folders were left behind" >&2
  exit 1
fi
echo "$rounds kills, the table was whole each time"
