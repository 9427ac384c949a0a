#!/usr/bin/env python3
"""Compares aludel with the real Alembic over the migrations of nine published packages.

Usage: conformance/run.py [--binary target/debug/aludel] [--work target/conformance] [--update] [NAME_PART...]

Downloads the packages of packages.txt, makes a virtualenv with the pinned Alembic, records what `alembic upgrade A:B --sql`
and `alembic downgrade B:A --sql` print for every revision (once; the recordings stay in the work folder), and compares
byte for byte. Fails when a package has fewer texts that are equal (but for the order of statements, which varies with
Alembic), or more different ones, than ratchet.json says; `--update` writes what was found into it, where that is better.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
PINNED = ["alembic==1.20.1", "sqlalchemy==2.1.9"]
RATCHET = HERE / "ratchet.json"
HEADER = re.compile(r"^down_revision\b", re.MULTILINE)

ENV_PY = """from alembic import context

context.configure(
    url=context.config.get_main_option("sqlalchemy.url"),
    literal_binds=True,
    dialect_opts={"paramstyle": "named"},
)
with context.begin_transaction():
    context.run_migrations()
"""


def lines(name):
    text = (HERE / name).read_text()
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def prepare(work):
    """The virtualenv and the packages' files."""
    python = work / "venv" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", work / "venv"], check=True)
        pip = [python, "-m", "pip", "-q", "--disable-pip-version-check", "install"]
        subprocess.run([*pip, *PINNED], check=True)
        for requirement in lines("requirements.txt"):
            done = subprocess.run([*pip, *PINNED, requirement], capture_output=True)
            if done.returncode:
                print(f"left out: {requirement}")
    for package in lines("packages.txt"):
        home = work / "packages" / package.split("==")[0]
        if home.exists():
            continue
        download = ["-m", "pip", "-q", "--disable-pip-version-check", "download", "--no-deps", "-d", work / "wheels", package]
        subprocess.run([python, *download], check=True)
        name = package.split("==")[0].replace("-", "_")
        (wheel,) = [path for path in (work / "wheels").glob("*.whl") if path.name.startswith(name + "-")]
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(home, [member for member in archive.namelist() if member.endswith((".py", ".ini", ".mako", ".sql", ".json", ".yaml"))])
    return python


def is_revision(path):
    return HEADER.search(path.read_text(encoding="utf-8", errors="replace")) is not None


def chains(work, only):
    """The folders that hold revisions: (name, package's root, folder)."""
    for root in sorted((work / "packages").iterdir()):
        folders = {path.parent for path in root.rglob("*.py") if "tests" not in path.parts and is_revision(path)}
        for folder in sorted(folders):
            name = f"{root.name}@{folder.relative_to(root).as_posix().replace('/', '.')}"
            if not only or any(part in name for part in only):
                yield name, root, folder


def configure(work, name, root, folder):
    """A neutral configuration for a chain, the path of its alembic.ini."""
    home = work / "projects" / name
    home.mkdir(parents=True, exist_ok=True)
    (home / "env.py").write_text(ENV_PY)
    ini = home / "alembic.ini"
    ini.write_text(
        f"[alembic]\nscript_location = {home}\nversion_locations = {folder}\npath_separator = newline\n"
        f"prepend_sys_path = {root}\nsqlalchemy.url = postgresql://u:p@h/d\n"
    )
    return ini


RECORDER = r"""
import ast, contextlib, io, json, logging, pathlib, signal, sys, types, warnings
logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory, base

config = Config(sys.argv[1])
unimportable = {}
real_load = base.util.load_python_file

def load(folder, name):
    # a file that cannot be imported here keeps its place in the chain
    try:
        return real_load(folder, name)
    except Exception as error:
        module = types.ModuleType(name[:-3])
        tree = ast.parse(pathlib.Path(folder, name).read_text(encoding="utf-8"))
        for node in tree.body:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) and node.value else []
            for target in targets:
                if isinstance(target, ast.Name) and target.id in ("revision", "down_revision", "branch_labels", "depends_on"):
                    with contextlib.suppress(ValueError):
                        setattr(module, target.id, ast.literal_eval(node.value))
        unimportable[module.revision] = f"{type(error).__name__}: {error}"
        return module

base.util.load_python_file = load
script = ScriptDirectory.from_config(config)
ScriptDirectory.from_config = classmethod(lambda cls, _config: script)

def on_alarm(*_):
    raise TimeoutError

signal.signal(signal.SIGALRM, on_alarm)
for revision in reversed(list(script.walk_revisions())):
    down = revision.down_revision
    if isinstance(down, (tuple, list)) or revision.revision in unimportable:
        continue
    ends = [down or "base", revision.revision]
    for direction in ("upgrade", "downgrade"):
        given = ":".join(ends if direction == "upgrade" else ends[::-1])
        out = io.StringIO()
        config.output_buffer = out
        signal.alarm(20)
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
                getattr(command, direction)(config, given, sql=True)
        except BaseException:
            continue
        finally:
            signal.alarm(0)
        sys.__stdout__.write(json.dumps({"direction": direction, "range": given, "sql": out.getvalue()}) + "\n")
"""


def record(python, work, ini, name, root):
    """The recordings of a chain, made when they are not there."""
    target = work / "recorded" / f"{name}.jsonl"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "PYTHONPATH": str(root)}
        done = subprocess.run([python, "-c", RECORDER, ini], cwd=root, env=environment, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{name} could not be recorded:\n{done.stderr[-2000:]}")
        target.write_text(done.stdout)
    return [json.loads(line) for line in target.read_text().splitlines()]


def verdict(binary, ini, row):
    """`same`, `reordered` (Alembic's own order varies where it iterates over a set), `different` or `failed`, with the texts."""
    command = [binary, "-c", ini, row["direction"], row["range"], "--sql"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    except subprocess.TimeoutExpired:
        return "failed", "", "no answer within two minutes"
    if done.returncode:
        return "failed", done.stdout, done.stderr
    if done.stdout == row["sql"]:
        return "same", "", ""
    is_reordered = sorted(done.stdout.split("\n\n")) == sorted(row["sql"].split("\n\n"))
    return ("reordered" if is_reordered else "different"), done.stdout, done.stderr


def compare(binary, work, recorded):
    """Counts by package; the rows that are not equal go into work/differences.jsonl."""
    counts = collections.defaultdict(collections.Counter)
    jobs = [(name, ini, row) for name, ini, rows in recorded for row in rows]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool, open(work / "differences.jsonl", "w") as out:
        results = pool.map(lambda job: verdict(binary, job[1], job[2]), jobs)
        for (name, _, row), (outcome, got, error) in zip(jobs, results):
            counts[name][outcome] += 1
            if outcome != "same":
                out.write(json.dumps({"chain": name, **row, "verdict": outcome, "got": got, "error": error}) + "\n")
    return {name: dict(sorted(count.items())) for name, count in sorted(counts.items())}


def held(count):
    """What the ratchet holds of a package. Which texts are reordered is chance: Alembic's own order is."""
    return {"equal": count.get("same", 0) + count.get("reordered", 0), "different": count.get("different", 0)}


def worse(found, before):
    """What is worse than before, in words."""
    for name, limit in before.items():
        now = held(found.get(name, {}))
        if now["equal"] < limit["equal"]:
            yield f"{name}: {now['equal']} texts equal but for their order, there were {limit['equal']}"
        if now["different"] > limit["different"]:
            yield f"{name}: {now['different']} different texts, there were {limit['different']}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", default=ROOT / "target" / "debug" / "aludel", type=pathlib.Path)
    parser.add_argument("--work", default=ROOT / "target" / "conformance", type=pathlib.Path)
    parser.add_argument("--update", action="store_true", help="write what was found into ratchet.json, where it is better")
    parser.add_argument("only", nargs="*", help="parts of the names of chains")
    arguments = parser.parse_args()
    work = arguments.work.resolve()
    python = prepare(work)
    recorded = []
    for name, root, folder in chains(work, arguments.only):
        ini = configure(work, name, root, folder)
        recorded.append((name, ini, record(python, work, ini, name, root)))
    found = compare(arguments.binary.resolve(), work, recorded)
    total = collections.Counter()
    for name, count in found.items():
        total.update(count)
        print(f"{name:70} {' '.join(f'{outcome} {number}' for outcome, number in count.items())}")
    everything = sum(total.values())
    print(f"same {total['same']} of {everything} = {100 * total['same'] / max(everything, 1):.2f} %, reordered {total['reordered']}, different {total['different']}, failed {total['failed']}")
    before = json.loads(RATCHET.read_text()) if RATCHET.exists() else {}
    if arguments.only:
        before = {name: limit for name, limit in before.items() if any(part in name for part in arguments.only)}
    losses = list(worse(found, before))
    for loss in losses:
        print(f"worse: {loss}")
    if arguments.update and not losses:
        now = {name: held(count) for name, count in found.items()}
        RATCHET.write_text(json.dumps({**before, **now}, indent=1) + "\n")
    sys.exit(bool(losses) or not everything)


if __name__ == "__main__":
    main()
