#!/usr/bin/env python3
"""Compares two recordings that the real Alembic made of the same chains: how much of what it prints varies from run to run.

Usage: conformance/itself.py RECORDINGS OTHER_RECORDINGS

Both are folders of `<chain>.jsonl` with a row (`rev`, `dir`, `status`, `sql`) for every text; only what is `ok` in the first counts.
"""
import collections
import json
import pathlib
import sys


def texts(folder):
    found = {}
    for path in sorted(pathlib.Path(folder).glob("*.jsonl")):
        for row in map(json.loads, path.read_text().splitlines()):
            if row["status"] == "ok":
                found[path.name, row["rev"], row["dir"]] = row["sql"]
    return found


def verdict(one, other):
    if one == other:
        return "same"
    if other is None:
        return "missing"
    return "reordered" if sorted(one.split(";\n")) == sorted(other.split(";\n")) else "different"


first, second = map(texts, sys.argv[1:3])
if not first:
    sys.exit("no recordings")
counts = collections.Counter(verdict(sql, second.get(key)) for key, sql in first.items())
rest = ", ".join(f"{name} {counts[name]}" for name in ("reordered", "different", "missing"))
print(f"same {counts['same']} of {len(first)} = {100 * counts['same'] / len(first):.2f} %; {rest}")
