#!/usr/bin/env python3
"""Upgrades whole chains on SQLite files, once with the real Alembic and once with a build, and compares what they leave.

Usage: conformance/online_sqlite.py WORKDIR BINARY [--details] [NAME_PART...]

WORKDIR/src/PROJECT holds projects (further.txt names some), WORKDIR/venv a virtualenv with alembic. Every folder with revisions is
one chain; each is upgraded to its heads with an env.py of ours (and with `render_as_batch`), so that no project's settings are needed.

Compared: every row of `sqlite_master`, in order, and every row of every table. Two runs of Alembic itself differ in moments, in random
UUIDs (version 4), in the order of the indexes of a table and in that of the constraints of a copied table (Alembic keeps both in sets):
masked. Verdicts: `same`, `DIFFERENT`, `FAILED` (only Alembic upgrades),
`only ours`, `both fail` (`both fail the same`: what was left until then is equal, too).
"""
import os
import pathlib
import re
import sqlite3
import sys
import tempfile

import chain_runs

CONSTRAINT = re.compile(r"\s*(CONSTRAINT|PRIMARY KEY|FOREIGN KEY|UNIQUE|CHECK)\b")
MASKS = (
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?"), "MOMENT"),
    (re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}"), "UUID"),
)


def upgrade(command, project, folder, database):
    """Upgrades to the heads: whether it went well, and the last line of what was said."""
    database.unlink(missing_ok=True)
    return chain_runs.upgrade(command, project, folder, f"sqlite:///{database}", options=", render_as_batch=True")


def sorted_constraints(sql):
    """CREATE TABLE with its constraints in alphabetical order; the columns stay in theirs."""
    lines = [line.rstrip(", ") for line in (sql or "").splitlines()]
    return "\n".join([line for line in lines if not CONSTRAINT.match(line)] + sorted(filter(CONSTRAINT.match, lines)))


def dump(database):
    """`sqlite_master` and all rows, as lines of text."""
    if not database.exists():
        return ["(no file)"]
    connection = sqlite3.connect(database)
    master = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY rowid").fetchall()
    objects = [row for row in master if row[0] != "index"] + sorted((row for row in master if row[0] == "index"), key=repr)
    lines = [repr((*row[:3], sorted_constraints(row[3]))) for row in objects]
    for kind, name, _, _ in objects:
        if kind == "table":
            quoted = name.replace('"', '""')
            lines += [f"{name}: {row!r}" for row in connection.execute(f'SELECT * FROM "{quoted}"')]
    connection.close()
    text = "\n".join(lines)
    for pattern, mask in MASKS:
        text = pattern.sub(mask, text)
    return text.splitlines()


def main():
    words = [word for word in sys.argv[1:] if word != "--details"]
    work, binary = pathlib.Path(words[0]).resolve(), os.path.abspath(words[1])
    verdicts = {}
    with tempfile.TemporaryDirectory() as name:
        theirs, ours = pathlib.Path(name) / "a.db", pathlib.Path(name) / "b.db"
        for chain, project, folder in chain_runs.chains(work, words[2:]):
            theirs_ok, theirs_said = upgrade([str(work / "venv/bin/alembic")], project, folder, theirs)
            ours_ok, ours_said = upgrade([binary], project, folder, ours)
            is_same = dump(theirs) == dump(ours)
            verdict = {
                (True, True): "same" if is_same else "DIFFERENT",
                (True, False): "FAILED",
                (False, True): "only ours",
                (False, False): "both fail the same" if is_same else "both fail",
            }[theirs_ok, ours_ok]
            verdicts[verdict] = verdicts.get(verdict, 0) + 1
            print(f"{verdict:18} {chain}", flush=True)
            for who, said in (("theirs", theirs_said), ("ours", ours_said)):
                if said and (verdict != "both fail the same" or "--details" in sys.argv):
                    print(f"    {who}: {said}", flush=True)
            if "--details" in sys.argv and not is_same:
                left, right = dump(theirs), dump(ours)
                for sign, lines, others in (("-", left, right), ("+", right, left)):
                    for line in [line for line in lines if line not in set(others)][:6]:
                        print(f"      {sign} {line[:300]}", flush=True)
    print(", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items())))
    return any(verdict in verdicts for verdict in ("DIFFERENT", "FAILED"))


if __name__ == "__main__":
    sys.exit(main())
