"""Reads the CSV files of a run as a script for Locust's files does.

Usage: read_locust.py PREFIX
"""
import csv
import glob
import os
import sys

prefix = sys.argv[1]


def read(path):
    with open(path, newline="", encoding="utf-8") as f:
        rows = list(csv.DictReader(f, strict=True))
    for row in rows:
        assert None not in row and None not in row.values(), (path, row)
    return rows


stats = read(prefix + "_stats.csv")
assert stats[-1]["Name"] == "Aggregated" and stats[-1]["Type"] == ""
assert [(r["Name"], r["Type"]) for r in stats[:-1]] == sorted((r["Name"], r["Type"]) for r in stats[:-1])
percentiles = ["50%", "66%", "75%", "80%", "90%", "95%", "98%", "99%", "99.9%", "99.99%", "100%"]
for row in stats:
    values = [float(row[p]) for p in percentiles]
    assert values == sorted(values), row
    assert float(row["Min Response Time"]) <= values[0] and values[-1] <= float(row["Max Response Time"]) + 0.001
    assert abs(float(row["Requests/s"]) * 30 - int(row["Request Count"])) < 1e-6, row
assert sum(int(r["Request Count"]) for r in stats[:-1]) == int(stats[-1]["Request Count"])

history = read(prefix + "_stats_history.csv")
last = history[-1]
assert last["Total Request Count"] == stats[-1]["Request Count"]
assert all(int(a["Timestamp"]) <= int(b["Timestamp"]) for a, b in zip(history, history[1:]))

# Scripts tell whole numbers from others by the point.
for row in history:
    for cell in list(row.values())[4:]:
        assert (float if "." in cell else int)(cell) >= 0, row

failures = read(prefix + "_failures.csv")
assert sum(int(r["Occurrences"]) for r in failures) == int(stats[-1]["Failure Count"])
assert read(prefix + "_exceptions.csv") == []

for path in glob.glob(os.path.join(os.path.dirname(prefix), "*.csv")):
    read(path)

print(f"{stats[-1]['Request Count']} requests, {stats[-1]['Failure Count']} failures, "
      f"{len(stats)} routes, {len(history)} rows of history, ok")
