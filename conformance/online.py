#!/usr/bin/env python3
"""Upgrades whole chains on a PostgreSQL server, once with the real Alembic and once with a build, and compares what they leave.

Usage: conformance/online.py WORKDIR BINARY [NAME_PART...]

WORKDIR/src/PROJECT holds projects (further.txt names some), WORKDIR/venv a virtualenv with alembic and psycopg2. Every folder with
revisions is one chain; it is upgraded to its heads with an env.py of ours, so that no project's settings are needed. The server is
that of PGHOST and PGPORT (user postgres, no password); the databases aludel_conformance_a and _b are dropped and made again.

Verdicts: `same` (the dumps are equal), `DIFFERENT`, `FAILED` (only Alembic upgrades), `only ours`, `both fail`. Two runs of Alembic
itself differ in moments and in random UUIDs (version 4): both are masked before the dumps are compared.
"""
import os
import pathlib
import re
import subprocess
import sys

import chain_runs

HOST = os.environ.get("PGHOST", "127.0.0.1")
PORT = os.environ.get("PGPORT", "5432")
SERVER = {**os.environ, "PGHOST": HOST, "PGPORT": PORT, "PGUSER": "postgres"}
MASKS = (
    (re.compile(r"^\\(un)?restrict .*$", re.MULTILINE), ""),
    (re.compile(r"'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?(\+\d\d)?'"), "'MOMENT'"),
    (re.compile(r"'[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'"), "'UUID'"),
)


def upgrade(command, project, folder, database):
    """Upgrades to the heads: whether it went well, and the last line of what was said."""
    subprocess.run(["dropdb", "--if-exists", database], env=SERVER, capture_output=True)
    subprocess.run(["createdb", "-T", "template0", database], env=SERVER, check=True)
    return chain_runs.upgrade(command, project, folder, f"postgresql+psycopg2://postgres@{HOST}:{PORT}/{database}", SERVER)


def dump(database):
    text = subprocess.run(["pg_dump", "--no-owner", "--inserts", database], env=SERVER, capture_output=True, text=True).stdout
    for pattern, mask in MASKS:
        text = pattern.sub(mask, text)
    return text


def main():
    work, binary, *only = sys.argv[1:]
    work = pathlib.Path(work).resolve()
    counts = {}
    for name, project, folder in chain_runs.chains(work, only):
        reference, why = upgrade([str(work / "venv" / "bin" / "alembic")], project, folder, "aludel_conformance_a")
        ours, reason = upgrade([os.path.abspath(binary)], project, folder, "aludel_conformance_b")
        if reference and ours:
            verdict = "same" if dump("aludel_conformance_a") == dump("aludel_conformance_b") else "DIFFERENT"
        else:
            verdict = "FAILED" if reference else "only ours" if ours else "both fail"
        counts[verdict] = counts.get(verdict, 0) + 1
        print(f"{verdict:10} {name[:80]:80} {why} | {reason}", flush=True)
    print(", ".join(f"{verdict} {count}" for verdict, count in sorted(counts.items())))
    sys.exit(bool(counts.get("DIFFERENT") or counts.get("FAILED")))


main()
