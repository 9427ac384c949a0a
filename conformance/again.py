#!/usr/bin/env python3
"""Asks the real Alembic again about the texts that a comparison calls reordered or different.

Usage: conformance/again.py WORKDIR/venv/bin/python DIFFERENCES.jsonl [--runs 12]

One recording is one of several texts where Alembic's own order of statements varies, and what a migration prints is not in it.
For each row of the file (`chain`, `dir`, `range`, `verdict`, `got`; beside it `neutral/<chain>/alembic.ini` and `pythonpath`) Alembic
is run with standard output kept, each time with another hash seed, until it prints what aludel printed. Files that it cannot
import are left out but for their header. A row ends as
  alembic's   Alembic printed the same bytes, in one of the runs
  varies      it did not, but printed the statements in more than one order
  only ours   it printed one text, and aludel another
"""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess

RUNNER = '''
import ast, contextlib, logging, os, sys, types, warnings
logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
from alembic.config import main
from alembic.script import base
real = base.util.load_python_file

def load(folder, name):
    try:
        return real(folder, name)
    except Exception:
        tree = ast.parse(open(os.path.join(str(folder), name), encoding="utf-8", errors="replace").read())
        module = types.ModuleType(name[:-3])
        for node in tree.body:
            target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
            if isinstance(target, ast.Name) and target.id in ("revision", "down_revision", "branch_labels", "depends_on"):
                with contextlib.suppress(ValueError):
                    setattr(module, target.id, ast.literal_eval(node.value))
        return module

base.util.load_python_file = load
for path in reversed(os.environ["PYTHONPATH"].split(os.pathsep)):
    sys.path.insert(0, path)
main(argv=sys.argv[1:], prog="alembic")
'''


def alembic(python, home, row, seed):
    """What Alembic prints with this hash seed."""
    paths = (home / "pythonpath").read_text()
    done = subprocess.run(
        [python, "-c", RUNNER, "-c", home / "alembic.ini", row["dir"], row["range"], "--sql"],
        capture_output=True, text=True, timeout=900, env=dict(os.environ, PYTHONPATH=paths, PYTHONHASHSEED=str(seed)),
    )
    return done.stdout if done.returncode == 0 else None


def ask(python, work, row, runs):
    """How a row ends."""
    seen = set()
    for seed in range(runs):
        text = alembic(python, work / "neutral" / row["chain"], row, seed)
        if text is None:
            return "alembic fails"
        if text == row["got"]:
            return "alembic's"
        seen.add(text)
    # the constraints of a copied table vary inside one statement
    lines = {tuple(sorted(re.split(r"[;,]? *\n", text))) for text in seen | {row["got"]}}
    return "varies" if len(seen) > 1 and len(lines) == 1 else "only ours"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("python")
    parser.add_argument("differences", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=12)
    options = parser.parse_args()
    rows = [json.loads(line) for line in options.differences.read_text().splitlines()]
    rows = [row for row in rows if row["verdict"] in ("reordered", "different")]
    work = options.differences.resolve().parent
    ends = collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        answers = pool.map(lambda row: ask(options.python, work, row, options.runs), rows)
        for row, end in zip(rows, answers):
            ends[end] += 1
            print(f"{end:12} {row['verdict']:10} {row['chain']} {row['dir']} {row['range']}", flush=True)
    print("; ".join(f"{count} {end}" for end, count in ends.most_common()))


if __name__ == "__main__":
    main()
