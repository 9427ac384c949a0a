#!/usr/bin/env python3
"""Runs Alembic's own published tests of its command line with aludel in its place, and prints how many pass out of how many apply.

Usage: conformance/own_tests.py [--binary target/debug/aludel] [--work target/own-tests]      (PGHOST, PGPORT, PGUSER name a PostgreSQL server)

Downloads the source distribution of the pinned Alembic, makes a virtualenv with it, and runs tests/test_command.py, test_config.py,
test_script_production.py and test_offline_environment.py under the plugin own_tests_shim.py. Fails when one of them fails; docs/compatibility.md says why those that do.
"""
import argparse
import collections
import os
import pathlib
import re
import subprocess
import sys
import tarfile

HERE = pathlib.Path(__file__).resolve().parent
VERSION = "1.20.1"
PINNED = [f"alembic=={VERSION}", "sqlalchemy==2.1.9", "psycopg2-binary==2.9.13", "pytest==9.2.0", "tzdata"]
FILES = ["test_command", "test_config", "test_script_production", "test_offline_environment"]


def prepare(work):
    python = work / "venv/bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", work / "venv"], check=True)
        subprocess.run([python, "-m", "pip", "-q", "install", *PINNED], check=True)
    tests = work / f"alembic-{VERSION}"
    if not tests.exists():
        subprocess.run([python, "-m", "pip", "-q", "download", "--no-deps", "--no-binary", "alembic", "-d", work, f"alembic=={VERSION}"], check=True)
        with tarfile.open(work / f"alembic-{VERSION}.tar.gz") as archive:
            archive.extractall(work, filter="data")
    return python, tests


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=HERE.parent / "target/debug/aludel", type=pathlib.Path)
    parser.add_argument("--work", default=HERE.parent / "target/own-tests", type=pathlib.Path)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    python, tests = prepare(options.work.resolve())
    temporary = options.work.resolve() / "tmp"
    temporary.mkdir(exist_ok=True)
    host, port, user = (os.environ.get(key, default) for key, default in (("PGHOST", "127.0.0.1"), ("PGPORT", "5432"), ("PGUSER", "postgres")))
    environment = {**os.environ, "ALUDEL": str(options.binary.resolve()), "ALUDEL_SERVER": f"{user}@{host}:{port}", "PYTHONPATH": str(HERE), "TMPDIR": str(temporary)}
    command = [python, "-m", "pytest", "-p", "own_tests_shim", "-q", "--tb=line", "-rA", *(f"tests/{name}.py" for name in FILES)]
    done = subprocess.run(command, cwd=tests, env=environment, capture_output=True, text=True)
    passed = len(re.findall(r"^PASSED ", done.stdout, re.M))
    failed = {re.split(r"[\[ ]", line.rsplit("::", 1)[-1])[0] for line in re.findall(r"^(?:FAILED|ERROR) (.*)", done.stdout, re.M)}
    wrong = len(re.findall(r"^(?:FAILED|ERROR) ", done.stdout, re.M))
    skipped = collections.Counter()
    for count, reason in re.findall(r"^SKIPPED \[(\d+)\] [^:]*(?::\d+)?: (.*)", done.stdout, re.M):
        reason = reason.removeprefix("Skipped: ").removeprefix("not applicable: ")
        skipped["another operating system" if "windows" in reason else reason] += int(count)
    if not passed:
        sys.exit(done.stdout[-3000:] + done.stderr[-3000:])
    print(f"passed {passed} of {passed + wrong} that apply = {100 * passed / (passed + wrong):.1f} %")
    for name in sorted(failed):
        print(f"  failed: {name}")
    print(f"{sum(skipped.values())} do not apply:")
    for reason, count in skipped.most_common():
        print(f"  {count:3} {reason}")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
