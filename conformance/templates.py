#!/usr/bin/env python3
"""Renders every `script.py.mako` below some folders with Alembic and with aludel, and compares what is written and printed.

Usage: PYTHON conformance/templates.py [--binary target/debug/aludel] FOLDER ...      (PYTHON is an interpreter that has Alembic 1.20.1)

Each template that is different from the others stands in a small project of its own, in which `revision` and `merge` are used with several options, with
and without `revision_environment`. Fails when a file differs, or only one of the two makes it.
"""
import argparse
import collections
import difflib
import hashlib
import importlib.machinery
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import types

import sqlalchemy.dialects.postgresql  # noqa: F401
from alembic import command, config as alembic_config  # noqa: F401

HERE = pathlib.Path(__file__).resolve().parent
INI = """[alembic]
script_location = %(here)s/alembic
file_template = %%(rev)s
sqlalchemy.url = postgresql://u@h/d
databases = engine1, engine2
"""
ENV = """from alembic import context
for name in ("", "engine1_", "engine2_"):
    context.configure(url="postgresql://u@h/d", upgrade_token=name + "upgrades", downgrade_token=name + "downgrades", template_args={"config": context.config, "extra": 1})
    with context.begin_transaction():
        context.run_migrations()
"""
FIRST = "revision = 'base1'\ndown_revision = None\nbranch_labels = ('core',)\n\n\ndef upgrade(*args):\n    pass\n\n\ndef downgrade(*args):\n    pass\n"
COMMANDS = [
    ["revision", "--rev-id", "a1"],
    ["revision", "--rev-id", "b1", "--head", "base1", "--splice", "-m", "It's a \"message\" with 100 % of <b> & ü"],
    ["revision", "--rev-id", "c1", "--head", "base", "--branch-label", "other", "--depends-on", "a1", "--depends-on", "core", "-m", "new base"],
    ["merge", "--rev-id", "d1", "-m", "merged", "a1", "b1"],
]


def project(root, template, environment):
    (root / "alembic/versions").mkdir(parents=True)
    (root / "alembic.ini").write_text(INI + ("revision_environment = true\n" if environment else ""))
    (root / "alembic/env.py").write_text(ENV)
    (root / "alembic/versions/base1.py").write_text(FIRST)
    (root / "alembic/script.py.mako").write_bytes(template)


def outcome(run, template, environment):
    """The texts that the commands leave, and what they say."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder).resolve()
        project(root, template, environment)
        made, said = {}, ""
        for command in COMMANDS:
            said += run([*command, *(["--sql"] if environment and command[0] == "revision" else [])], root)
        for path in (root / "alembic/versions").glob("*.py"):
            made[path.name] = re.sub(r"\d{4}-\d\d-\d\d([ T])\d\d:\d\d:\d\d(\.\d+)?", "<date>", path.read_text(errors="replace"))
        return made, said


STAND = "a module that is not there"


class Stand:
    """Finds the modules of the projects, which are not there: the files that were made import them."""

    def find_spec(self, name, path=None, target=None):
        frame = sys._getframe(1)
        while "importlib" in frame.f_code.co_filename:
            frame = frame.f_back
        wanted = "/alembic/versions/" in frame.f_code.co_filename or path == [STAND]
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if wanted else None

    def create_module(self, spec):
        made = types.ModuleType(spec.name)
        made.__path__, made.__all__ = [STAND], []
        made.__getattr__ = lambda name: type(name, (), {})
        return made

    def exec_module(self, module):
        pass


def alembic(words, root):
    """In a process forked from this one, which has imported it already."""
    with tempfile.TemporaryFile() as out:
        child = os.fork()
        if not child:
            os.chdir(root)
            sys.meta_path.append(Stand())
            os.dup2(out.fileno(), 1)
            os.dup2(out.fileno(), 2)
            try:
                alembic_config.main(argv=words, prog="alembic")
            except BaseException as error:
                print(repr(error), flush=True)
            finally:
                sys.stdout.flush()
                os._exit(0)
        os.waitpid(child, 0)
        out.seek(0)
        return out.read().decode(errors="replace")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=HERE.parent / "target/debug/aludel", type=pathlib.Path)
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    aludel = lambda words, root: subprocess.run([options.binary.resolve(), *words], cwd=root, capture_output=True, text=True).stderr
    templates = {}
    for folder in options.folders:
        for path in sorted(folder.rglob("script.py.mako")):
            templates.setdefault(hashlib.sha256(path.read_bytes()).hexdigest(), path)
    count = collections.Counter()
    for path in templates.values():
        for environment in (False, True):
            (theirs, said), (ours, reasons) = (outcome(run, path.read_bytes(), environment) for run in (alembic, aludel))
            for name in sorted({*theirs, *ours} - {"base1.py"}):
                left, right = theirs.get(name), ours.get(name)
                kind = "the same" if left == right else "only with Alembic" if right is None else "only with aludel" if left is None else "different"
                count[kind] += 1
                if left != right:
                    print(f"{kind}: {path}{' with revision_environment' if environment else ''}, {name}")
                    print(*difflib.unified_diff((left or said).splitlines(), (right or reasons).splitlines(), "Alembic", "aludel", lineterm=""), sep="\n")
    print(f"{len(templates)} templates, each with and without revision_environment: " + ", ".join(f"{number} files {kind}" for kind, number in count.items()))
    sys.exit(set(count) != {"the same"})


if __name__ == "__main__":
    main()
