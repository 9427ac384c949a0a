#!/usr/bin/env python3
"""Random tables with rows through random batch migrations on SQLite, by the real Alembic and by a build: same schema, same rows.

Usage: PYTHON conformance/batch_safety.py BINARY [--tables 1000] [--seed N] [--only NUMBER] [--details]

PYTHON is one that has Alembic (conformance/run.py makes a virtualenv: target/conformance/venv/bin/python). Every table has a chain of
one to three revisions; Alembic makes them one at a time inside this process, the build all at once. What they leave is compared after
the last revision that both made: every row of `sqlite_master`, and every value of every table with its type. Alembic keeps the
constraints and the indexes of a copied table in sets: their order is masked.

What Alembic loses on the way is found by reading the texts of the tables before and after, without the build: a clause of a column or
constraint that the migration does not touch, a trigger, an index. Verdicts:
  same       both made all revisions, nothing lost
  told       both made all revisions; what Alembic lost is in what the build said (standard error), by name
  both fail  at the same revision; the build leaves the table as it was before
  refused    the build stops where Alembic goes on, naming what Alembic's copy loses; counted by reason
  ahead      the build goes on where Alembic fails at an error of its own (AHEAD)
Anything else is a difference: exit 1.
"""
import argparse
import collections
import contextlib
import io
import json
import logging
import os
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import warnings

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from batch_changes import Changes  # noqa: E402
from batch_tables import Case, quoted  # noqa: E402

KINDS = ["plain", "plain", "names", "names", "odd", "odd"]
ENV_PY = """from alembic import context
from sqlalchemy import create_engine, event, pool

engine = create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=pool.NullPool)
{pragmas}
with engine.connect() as connection:
    context.configure(connection=connection, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
"""
PRAGMAS = """

@event.listens_for(engine, "connect")
def pragmas(connection, _record):
    cursor = connection.cursor()
{lines}    cursor.close()

"""
INI = "[alembic]\nscript_location = {home}\nsqlalchemy.url = sqlite:///{database}\n"
WITHIN = ("CONSTRAINT", "DEFAULT", "COLLATE", "CHECK", "UNIQUE", "REFERENCES", "PRIMARY", "GENERATED", "AS")
CONSTRAINT = re.compile(r"\s*(CONSTRAINT|PRIMARY KEY|FOREIGN KEY|UNIQUE|CHECK)\b")
LONG = re.compile(rb"-?\d+(\.\d{12,}|(\.\d+)?e[-+]\d+)|-?\d{14,}\.\d+")
NOW = re.compile(rb"%d-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?" % time.gmtime().tm_year)
TOKEN = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|[\w$.]+|\s+|[^\s\w]""", re.UNICODE)


# what a file holds

def lines_of(sql):
    """CREATE TABLE with its constraints in alphabetical order; the columns stay in theirs."""
    lines = [line.rstrip(", ") for line in (sql or "").splitlines()]
    return "\n".join([line for line in lines if not CONSTRAINT.match(line)] + sorted(filter(CONSTRAINT.match, lines)))


def dump(database):
    """`sqlite_master` and all rows with their types."""
    connection = sqlite3.connect(database)
    connection.text_factory = bytes
    master = [tuple(cell.decode() if isinstance(cell, bytes) else cell for cell in row) for row in connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name")]
    found = {row[:2]: (row[2], lines_of(row[3]) if row[0] == "table" else row[3]) for row in master}
    for kind, name, table, _ in master:
        if name.startswith("sqlite_autoindex_"):
            # their numbers are in the order of the constraints
            del found[kind, name]
            found.setdefault((kind, f"sqlite_autoindex_{table}"), 0)
            found[kind, f"sqlite_autoindex_{table}"] += 1
        if kind != "table":
            continue
        if name == "sqlite_sequence":
            # the build keeps the highest key there was, Alembic that of the rows there are: tests/sqlite.rs
            found["rows", name] = []
            continue
        columns = [row[1].decode() for row in connection.execute(f"PRAGMA table_xinfo({quoted(name)})")]
        cells = ", ".join(f"{quoted(column)}, typeof({quoted(column)})" for column in columns)
        rows = connection.execute(f"SELECT {cells} FROM {quoted(name)}").fetchall()
        found["rows", name] = sorted(repr(tuple(map(rounded, row))) for row in rows)
    connection.close()
    return found


def without_left_overs(found):
    return {key: value for key, value in found.items() if not key[1].startswith(("_alembic_tmp", "sqlite_", "alembic_version"))}


# what a step loses

def tokens(sql):
    """The words of a statement, names without quotes, no comments."""
    found = []
    for word in TOKEN.findall(sql or ""):
        if word.isspace() or word.startswith("--"):
            continue
        if word[0] in '"`[':
            word = word[1:-1].replace('""', '"')
        found.append(word)
    return found


def items(sql):
    """The parts of CREATE TABLE between its commas, and what follows the parenthesis."""
    depth, parts, tail = 0, [[]], []
    for word in tokens(sql):
        if word == ")":
            depth -= 1
        if depth == 0 and len(parts[0]):
            tail.append(word.upper())
        elif depth == 1 and word == ",":
            parts.append([])
        elif depth > 0:
            parts[-1].append(word)
        if word == "(":
            depth += 1
    return parts, tail


def clauses(part, is_eased=False):
    """What can be lost of a column or a constraint; NOT NULL of a column that is eased, and its ON CONFLICT, is not meant to stay."""
    upper, found = [word.upper() for word in part], []
    for at, word in enumerate(upper):
        following = upper[at + 1 : at + 3]
        if word == "COLLATE" and following:
            found.append(f"COLLATE {following[0]}")
        elif word == "CHECK":
            found.append(f"CHECK {' '.join(within(part[at + 1 :])).lower()}")
        elif word == "REFERENCES":
            found.append(f"REFERENCES {part[at + 1].lower()}")
        elif word in ("AUTOINCREMENT", "DESC", "UNIQUE"):
            found.append(word)
        elif word == "DEFERRABLE" and upper[at - 1] != "NOT" and "DEFERRED" in following:
            found.append("DEFERRABLE")
        elif word == "ON" and following[:1] == ["CONFLICT"] and is_eased and upper[at - 1] == "NULL":
            continue
        elif word == "ON" and following[:1] == ["CONFLICT"]:
            found.append(f"ON CONFLICT {upper[at + 2]}")
        elif word == "ON" and following[:1] in (["DELETE"], ["UPDATE"]) and upper[at + 2 : at + 4] != ["NO", "ACTION"]:
            found.append(f"ON {' '.join(following)}")
        elif word == "AS" and following[:1] == ["("]:
            found.append("GENERATED")
        elif word == "CONSTRAINT" and upper[at + 2] not in ("NOT", "NULL", "DEFAULT", "COLLATE"):
            found.append(f"NAME {part[at + 1]}")
    # the default collation, and a UNIQUE over the key, say nothing
    return [thing for thing in found if thing != "COLLATE BINARY" and not (thing == "UNIQUE" and "PRIMARY" in upper)]


def within(words):
    """From a parenthesis to the one that closes it."""
    depth = 0
    for at, word in enumerate(words):
        depth += {"(": 1, ")": -1}.get(word, 0)
        if depth == 0:
            return words[: at + 1]
    return words


def default(part):
    """The default of a column, without the parentheses around it."""
    upper = [word.upper() for word in part]
    if "DEFAULT" not in upper or upper[0] in ("CONSTRAINT", "CHECK", "UNIQUE", "FOREIGN", "PRIMARY"):
        return []
    words = part[upper.index("DEFAULT") + 1 :]
    if not words:
        return []
    if words[0] == "(":
        words = within(words)
    else:
        words = words[: 2 if words[0] in "+-xX" else 1]
    text = " ".join(words)
    while re.fullmatch(r"\( [^()]*(\([^()]*\)[^()]*)* \)", text):
        text = text[2:-2]
    return [f"DEFAULT {text}"] if text.upper() != "NULL" else []


def rounded(cell):
    """Texts made from floats, and floats from texts, have 15 digits with one release of SQLite, 17 with another; and the moment of a run is not the other's."""
    if isinstance(cell, float) and abs(cell) >= 2**53:
        # older releases are not exact with so many digits
        return float(f"{cell:.13g}")
    if isinstance(cell, bytes):
        cell = LONG.sub(lambda found: b"%.13g" % float(found[0]), cell)
        cell = NOW.sub(b"NOW", cell)
    return cell


def affinity(type_):
    """sqlite.org/datatype3.html 3.1."""
    for words, found in (("INT", "INTEGER"), ("CHAR CLOB TEXT", "TEXT"), ("BLOB", "BLOB"), ("REAL FLOA DOUB", "REAL")):
        if any(word in type_ for word in words.split()):
            return found
    return "NUMERIC" if type_ else "BLOB"


Said = collections.namedtuple("Said", "touched typed defaulted eased dropped renamed")


def data(connection, typed):
    """The values of every column that a migration leaves its type; how many rows there are."""
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' AND name <> 'alembic_version'").fetchall():
        if table == "p":
            continue
        (count,) = connection.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone()
        yield f"rows of {table}: {count}"
        for row in connection.execute(f"PRAGMA table_xinfo({quoted(table)})").fetchall():
            if row[1] not in typed:
                cells = connection.execute(f"SELECT typeof({quoted(row[1])}), quote({quoted(row[1])}) FROM {quoted(table)}").fetchall()
                yield f"affinity of {table}.{row[1]}: {affinity(row[2].upper())}"
                yield f"values of {table}.{row[1]}: {sorted(cells)}"


def without_dropped(part, dropped):
    """A part without the constraints within a column that are dropped by the name a convention gave; nothing, if it is such a constraint itself."""
    upper = [word.upper() for word in part]
    start = 2 if upper[0] == "CONSTRAINT" else 0
    if upper[start] in ("UNIQUE", "FOREIGN"):
        first = part[upper.index("(") + 1]
        return [] if (upper[start], first) in dropped else part
    for kind, word in (("UNIQUE", "UNIQUE"), ("FOREIGN", "REFERENCES")):
        if (kind, part[0]) in dropped and word in upper:
            start = upper.index(word)
            ends = (at for at in range(start + 1, len(part)) if upper[at : at + 2] == ["NOT", "NULL"] or upper[at] in WITHIN and upper[at - 1] != "SET")
            end = next(ends, len(part))
            if upper[start - 2] == "CONSTRAINT":
                start -= 2
            part, upper = part[:start] + part[end:], upper[:start] + upper[end:]
    return part


def of_columns(part, renamed):
    """Whose a column's or a constraint's clauses are, by new names."""
    upper = [word.upper() for word in part]
    if upper[0] in ("CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"):
        start = upper.index("(") if "(" in upper else 0
        end = upper.index(")", start) if ")" in upper else start
        columns = [word for word in part[start + 1 : end] if word != ","]
    else:
        columns = part[:1]
    return f" @{','.join(renamed.get(column, column) for column in columns).lower()}"


def inventory(database, table, said, is_after=False):
    """Everything about the table that a migration must leave."""
    touched, typed, defaulted, eased, dropped, renamed = said
    connection = sqlite3.connect(database)
    connection.text_factory = lambda text: text.decode(errors="surrogateescape")
    found = collections.Counter(data(connection, typed))
    for kind, name, sql in connection.execute("SELECT type, name, sql FROM sqlite_master WHERE tbl_name = ? COLLATE NOCASE", (table,)).fetchall():
        if kind == "table":
            parts, tail = items(sql)
            known = set()
            key = [renamed.get(row[1], row[1]).lower() for row in sorted(connection.execute(f"PRAGMA table_xinfo({quoted(name)})"), key=lambda row: row[5]) if row[5]]
            for part in filter(None, (without_dropped(part, dropped) for part in parts)):
                # the same constraint twice is one
                bare = " ".join(part[2:] if part[0].upper() == "CONSTRAINT" else part).lower()
                bare = re.sub(r" on (delete|update) no action|( not)? deferrable(?! initially deferred)( initially immediate)?", "", bare)
                is_column = part[0].upper() not in ("CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN")
                whose, is_renamed = of_columns(part, {} if is_after else renamed), {*renamed, *renamed.values()}.intersection(part)
                if is_column and part[0] not in dropped and dropped.intersection(part):
                    # a constraint within the column is dropped, the column is not
                    kept = ("COLLATE", "ON CONFLICT", "GENERATED", "AUTOINCREMENT")
                    found.update(clause + whose for clause in clauses(part) if clause.startswith(kept) and part[0] not in typed)
                # a key over columns that go makes no constraint go
                own = part[: [word.upper() for word in part].index("REFERENCES")] if not is_column and "REFERENCES" in [word.upper() for word in part] else part
                is_again = bare.startswith(("unique", "foreign", "check")) and bare in known
                if not dropped.intersection(own) and is_again:
                    found.update(clause for clause in clauses(part) if clause.startswith("NAME"))
                elif not dropped.intersection(own):
                    given = clauses(part, is_column and part[0] in eased) + (default(part) if part[0] not in defaulted else [])
                    for clause in given:
                        word = clause.split()[0]
                        label = "CHECK" if word == "CHECK" and is_renamed else clause if word in ("CHECK", "NAME") else clause + whose
                        if word == "UNIQUE" and whose == f" @{','.join(key)}" and "PRIMARY" not in dropped and not is_after:
                            # the key says as much
                            continue
                        # within a column and again for the table is once, too
                        found[label] += label not in found or word not in ("UNIQUE", "REFERENCES")
                if not dropped.intersection(part):
                    known.add(bare)
            found.update(["STRICT"] if "STRICT" in tail else [])
            found.update(["WITHOUT ROWID"] if "ROWID" in tail else [])
        elif sql and name not in dropped:
            words = [word.lower() for word in tokens(sql)]
            found[f"{kind} {name}"] += 1
            if kind == "index":
                indexed = [row[2] for row in connection.execute(f"PRAGMA index_info({quoted(name)})")]
                if "where" in words:
                    found[f"index {name} condition of {len(words) - words.index('where')} words"] += 1
                found.update(f"index {name} {word}" for word in words if word in ("desc", "collate", "where"))
                found[f"index {name} over {sum(column is None for column in indexed)} expressions"] += 1
            # a column may have the name of the table
            if not touched.intersection(tokens(sql)[words.index("on") + 2 :]):
                found[f"{kind} {name} {' '.join(words[words.index('on'):]).replace(' asc', '')}"] += 1
    connection.close()
    return found


def missing(before, after, table, said):
    """What the file had before and has no more."""
    lost = inventory(before, table, said) - inventory(after, table, said._replace(dropped=set()), is_after=True)
    return sorted(lost.elements())


NAMES = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")


def named(text):
    return {left or right for left, right in NAMES.findall(text)}


def touched_by(text, table):
    """The names a revision says: all, columns whose values or type, whose default, whose NOT NULL are not to stay, what it takes away or states
    anew, old and new names of columns."""
    touched, typed, defaulted, eased, dropped, renames = set(), set(), set(), set(), set(), {}
    for line in text.splitlines():
        typed |= {name.replace('""', '"') for name in re.findall(r'SET "((?:[^"]|"")*)"', line)}
        inner = line.split("batch_op.")[-1] if "batch_op." in line else line.split("_args")[-1] if "_args" in line or "copy_from" in line else ""
        # the table itself is no column, but for one of its name
        # nor is a column where another is put, or on which a constraint or an index is made
        inner = re.sub(r"insert_(before|after)=('(?:[^'\\]|\\.)*'|\"[^\"]*\")|partial_reordering=\[.*?\)\]", "", inner)
        inner = re.sub(r"^create_(index|unique_constraint|check_constraint|foreign_key)\(('\w+'), .*", r"\2", inner)
        inner = re.sub(rf"(sa\.Table\(|create_foreign_key\([^,]+, ){re.escape(repr(table))}", "", inner)
        touched |= named(inner)
        if not inner.startswith("alter_column(") or "type_=" in inner.replace("existing_type", "") or "new_column_name" in inner:
            typed |= named(inner)
        if not inner.startswith("alter_column(") or "nullable=True" in inner.replace("existing_nullable", ""):
            eased |= named(inner)
        if not inner.startswith("alter_column(") or "server_default=" in inner.replace("existing_server_default", "") or "new_column_name" in inner:
            defaulted |= named(inner)
        if "batch_op.drop" in line or "copy_from" in line:
            dropped |= named(inner)
        dropped |= named("".join(re.findall(r"existing_type=sa.\w+\(.*?name=('\w+')", inner)))
        if "create_primary_key" in line or "drop_constraint" in line and "primary" in line:
            dropped.add("PRIMARY")
        new_name = re.search(r"alter_column\((.*?), (?:.*, )?new_column_name=('(?:[^'\\]|\\.)*')", line)
        if new_name:
            renames.setdefault(*reversed([min(named(part)) for part in new_name.groups()]))
        # `drop_constraint` of a name that a convention gave: the constraints of its kind whose first column it names
        for name in [name for name in dropped if "drop_constraint" in line and isinstance(name, str) and name.startswith((f"uq_{table}_", f"fk_{table}_"))]:
            dropped.add(({"uq": "UNIQUE", "fk": "FOREIGN"}[name[:2]], name[len(table) + 4 :]))
    renamed = {old: new for new, old in renames.items()}
    # what a second batch drops by the name that the first one gave
    for name in sorted(name for name in dropped if isinstance(name, str)):
        while name in renames:
            name = renames.pop(name)
            dropped.add(name)
    return Said(touched | typed, typed, defaulted, eased, dropped, renamed)


def pieces(text):
    """A revision as one for every batch."""
    head, body = text.split("def upgrade():\n")
    found = [""]
    for line in body.splitlines():
        if line.startswith("    with ") and "    with " in found[-1]:
            found.append("")
        found[-1] += line + "\n"
    return [f"{head}def upgrade():\n{part}" for part in found]


def lost_by(theirs, case, text, before, after, home):
    """What Alembic loses in a revision, by whichever batch: each is run for itself where there are several."""
    parts = pieces(text)
    if len(parts) == 1:
        return missing(before, after, case.name, touched_by(text, case.name))
    home.mkdir()
    current, lost = home / "piece.db", []
    shutil.copy(before, current)
    with contextlib.closing(sqlite3.connect(current)) as connection:
        connection.execute("DROP TABLE IF EXISTS alembic_version")
    for number, part in enumerate(parts):
        parts[number] = re.sub(r"(?m)^down_revision = .*", f"down_revision = {f's{number - 1}' if number else None!r}", re.sub(r"(?m)^revision = .*", f"revision = 's{number}'", part))
    project(home / "project", case, current, parts)
    for number, part in enumerate(parts):
        shutil.copy(current, home / "before.db")
        error, _ = theirs.step(home / "project", f"s{number}")
        if error is not None:
            raise SystemExit(f"a batch for itself fails, which among others does not: {error}")
        lost += missing(home / "before.db", current, case.name, touched_by(part, case.name))
    return lost


# the runs

class Theirs:
    """The real Alembic, in this process."""

    def __init__(self):
        from alembic import command
        from alembic.config import Config

        logging.disable(logging.CRITICAL)
        self.command, self.config = command, Config

    def step(self, home, revision):
        """One upgrade: the error, if there was one, and the warnings."""
        said = io.StringIO()
        with warnings.catch_warnings(record=True) as warned, contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            warnings.simplefilter("always")
            try:
                self.command.upgrade(self.config(str(home / "alembic.ini")), revision)
            except (Exception, SystemExit) as error:
                return f"{type(error).__name__}: {error}", [str(warning.message) for warning in warned]
        return None, [str(warning.message) for warning in warned]


def project(home, case, database, revisions):
    (home / "versions").mkdir(parents=True)
    (home / "alembic.ini").write_text(INI.format(home=home, database=database))
    names = ["foreign_keys"] * case.enforced + ["legacy_alter_table"] * case.legacy
    lines = "".join(f'    cursor.execute("PRAGMA {name}=ON")\n' for name in names)
    (home / "env.py").write_text(ENV_PY.format(pragmas=PRAGMAS.format(lines=lines) if names else ""))
    for number, text in enumerate(revisions):
        (home / f"versions/r{number}.py").write_text(text)


def fill(case, database):
    connection = sqlite3.connect(database)
    if case.enforced:
        # each row for itself: a deferred foreign key takes one away
        connection.isolation_level = None
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA foreign_keys=ON")
    for statement in case.script:
        try:
            connection.execute(statement)
        except sqlite3.Error:
            connection.close()
            return False
    for statement, row in case.inserts:
        with contextlib.suppress(sqlite3.Error, OverflowError):
            connection.execute(statement, row)
    connection.commit()
    connection.close()
    return True


def make(seed, number):
    """The table of a number: tries until SQLite takes it."""
    for attempt in range(50):
        source = random.Random(f"{seed}/{number}/{attempt}")
        case = Case(source, source.choice(KINDS))
        with tempfile.TemporaryDirectory() as name:
            database = pathlib.Path(name) / "x.db"
            if fill(case, database):
                changes = Changes(case, database)
                for step in range(source.choice([1, 1, 2, 3])):
                    case.revisions.append(changes.revision(f"r{step - 1}" if step else None, f"r{step}"))
                return case
    raise SystemExit(f"no table for {number}")


def version(database):
    connection = sqlite3.connect(database)
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        row = None
    connection.close()
    return int(row[0][1:]) if row else -1


# errors of Alembic's own where the build goes on: `existing_type` that is a TypeDecorator
AHEAD = ("object has no attribute 'name'",)
REFUSED = re.compile(r"would lose (.*)")


def judge(case, theirs, binary, home):
    """The verdict on one table, what it is about, and lines to show."""
    base, left, right = home / "base.db", home / "left.db", home / "right.db"
    fill(case, base)
    shutil.copy(base, left)
    shutil.copy(base, right)
    project(home / "left", case, left, case.revisions)
    project(home / "right", case, right, case.revisions)
    shutil.copy(base, home / "state0.db")
    states, lost, error, warned = [dump(base)], [], None, []
    for number, text in enumerate(case.revisions):
        before = home / "before.db"
        shutil.copy(left, before)
        error, said = theirs.step(home / "left", f"r{number}")
        warned += said
        lost.append(lost_by(theirs, case, text, before, left, home / f"pieces{number}") if error is None else [])
        states.append(dump(left))
        shutil.copy(left, home / f"state{number + 1}.db")
        if error is not None:
            break
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "ALUDEL_URL")}
    done = subprocess.run([binary, "-c", str(home / "right/alembic.ini"), "upgrade", "head"], capture_output=True, text=True, env=environment, cwd=home)
    ours, found = version(right), dump(right)
    reached = len(states) - 1 - (error is not None)
    show = [f"theirs: {error or 'ok'}"[:300], f"ours: {done.returncode} {done.stderr.strip()[-600:]}", *warned]
    if error is not None and 'near "ALTER"' in error:
        return "both fail", "Alembic only: ALTER TABLE … ALTER COLUMN, which newer releases of SQLite take in part", show
    refusal = REFUSED.search(done.stderr)
    if done.returncode == 0 and error is None:
        if found != states[-1]:
            return "DIFFERENT", "", show + difference(states[-1], found)
        silent = [thing for step in lost for thing in step if not is_told(thing, done.stderr)]
        if silent:
            return "LOST SILENTLY", ", ".join(re.sub(r"(NAME|CHECK|REFERENCES|index \S+|trigger) .*| @.*", r"\1", thing) for thing in silent), show + silent
        return ("told" if any(lost) else "same"), "", show
    if done.returncode == 0:
        is_declared = any(text in error for text in AHEAD)
        return ("ahead" if is_declared else "ONLY OURS"), error.splitlines()[0][:150], show
    if error is not None and ours + 1 > reached:
        is_declared = any(text in error for text in AHEAD)
        return ("ahead" if is_declared else "ONLY OURS"), error.splitlines()[0][:150], show
    expected = states[ours + 1] if ours + 1 < len(states) else {}
    # what is no batch, or does not copy, is committed on its way by both
    failed = states[-1] if error is not None and ours + 1 == reached else expected
    if without_left_overs(found) not in (without_left_overs(expected), without_left_overs(failed)):
        return "NOT AS BEFORE", "", show + difference(expected, found)
    if any(key[1].startswith("_alembic_tmp") for key in found):
        return "LEFT OVER", "", show
    if error is not None and ours + 1 == reached:
        return "both fail", classified(error), show
    if refusal and ours + 1 < reached + (error is not None):
        if any(thing[5:] in refusal[1] if thing.startswith("NAME ") else "its CHECK" in refusal[1] if thing.startswith("CHECK") else True for thing in lost[ours + 1]):
            return "refused", re.sub(r"\"[^\"]*\"", "…", refusal[1])[:90], show
        if "named" in refusal[1] and "alike" in refusal[1]:
            # which of them it is that Alembic leaves out is left to chance
            return "refused", "two constraints of one name", show
        return "REFUSED WITHOUT LOSS", refusal[1][:120], show
    return "ONLY THEIRS", done.stderr.strip().splitlines()[-1][:200] if done.stderr.strip() else "", show


def record(case, home, verdict):
    """The table, its migrations and what Alembic leaves, where the build stops and no moment is in it."""
    texts = " ".join([*case.script, *case.revisions])
    if re.search(r"CURRENT_|now\(|'now'|\"ALTER\"|recreate='never'", texts) or verdict == "ahead":
        return
    connection = sqlite3.connect(home / "base.db")
    connection.text_factory = lambda text: text.decode(errors="surrogateescape")
    filled = "".join(script_of(connection))
    connection.close()
    if any("\udc80" <= letter <= "\udcff" for letter in filled):
        return
    reached = version(home / "right.db") + 1
    found = plain(home / f"state{reached}.db")
    if found is None:
        return
    yield {
        "ends": verdict,
        "enforced": case.enforced,
        "legacy": case.legacy,
        "revisions": case.revisions,
        "script": filled,
        "found": found,
    }


def script_of(connection):
    """The file as a script: `iterdump` does not know every name."""
    yield "BEGIN TRANSACTION;\n"
    master = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY rowid").fetchall()
    for kind, name, sql in sorted(master, key=lambda row: row[0] != "table"):
        yield sql + ";\n"
        if kind == "table":
            columns = [quoted(row[1]) for row in connection.execute(f"PRAGMA table_xinfo({quoted(name)})") if row[6] == 0]
            for row in connection.execute(f"SELECT {', '.join(f'quote({column})' for column in columns)} FROM {quoted(name)}").fetchall():
                yield f"INSERT INTO {quoted(name)} ({', '.join(columns)}) VALUES ({', '.join(row)});\n"
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'").fetchall():
        yield "DELETE FROM sqlite_sequence;\n"
        for row in connection.execute("SELECT quote(name), quote(seq) FROM sqlite_sequence").fetchall():
            yield f"INSERT INTO sqlite_sequence VALUES ({', '.join(row)});\n"
    yield "COMMIT;\n"


def plain(database):
    """What fixtures/sqlite/record.py's `dump` says of a file, but for what is SQLite's and Alembic's own."""
    connection = sqlite3.connect(database)
    connection.text_factory = lambda text: text.decode(errors="backslashreplace")
    found = []
    for kind, name, sql in connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall():
        if name.startswith(("sqlite_", "alembic_version")):
            continue
        rows = []
        if kind == "table":
            columns = [row[1] for row in connection.execute(f"PRAGMA table_xinfo({quoted(name)})")]
            cell = "typeof({0}) || ' ' || CASE typeof({0}) WHEN 'real' THEN printf('%.13e', {0}) ELSE hex({0}) END"
            cells = " || ', ' || ".join(cell.format(quoted(column)) for column in columns)
            rows = sorted(row[0] for row in connection.execute(f"SELECT {cells} FROM {quoted(name)}"))
            raw = connection.execute(f"SELECT * FROM {quoted(name)}").fetchall()
            if any(isinstance(cell, str) and LONG.search(cell.encode(errors="replace")) for row in raw for cell in row):
                # the text of a float depends on the release of SQLite
                return None
        found.append({"type": kind, "name": name, "sql": lines_of(sql) if kind == "table" else sql, "rows": rows})
    connection.close()
    return found


def is_told(thing, said):
    thing, said = thing.split(" @")[0], said.replace('""', '"')
    words = thing.split(" ")
    if words[0] == "REFERENCES":
        return "foreign key" in said
    return (thing if words[0] == "ON" else words[words[0] in ("NAME", "index")]) in said


def classified(error):
    return re.sub(r"'[^']*'|\"[^\"]*\"|\d+", "…", error.splitlines()[0])[:100]


def difference(left, right):
    found = []
    for key in sorted(set(left) | set(right), key=repr):
        if left.get(key) != right.get(key):
            found += [f"  - {key} {left.get(key)}", f"  + {key} {right.get(key)}"]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binary", type=pathlib.Path)
    parser.add_argument("--tables", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--only", type=int, default=None, help="one table, with all there is to say about it")
    parser.add_argument("--record", type=pathlib.Path, help="write what Alembic leaves into this file, for tests/sqlite.rs")
    parser.add_argument("--details", action="store_true", help="show what differs")
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else int(time.time())
    print(f"seed {seed}", flush=True)
    theirs, verdicts, reasons = Theirs(), collections.Counter(), collections.Counter()
    numbers = range(arguments.tables) if arguments.only is None else [arguments.only]
    rows, recorded = 0, []
    for number in numbers:
        case = make(seed, number)
        with tempfile.TemporaryDirectory() as name:
            verdict, reason, show = judge(case, theirs, arguments.binary.resolve(), pathlib.Path(name))
            if arguments.record and verdict.isupper():
                sys.exit(f"{verdict} table {number}: {reason}; nothing is recorded")
            if arguments.record:
                recorded.extend(record(case, pathlib.Path(name), verdict))
        rows += len(case.inserts)
        verdicts[verdict] += 1
        reasons[verdict, reason] += 1
        if verdict.isupper() or arguments.only is not None:
            print(f"{verdict} table {number}: {reason}", flush=True)
            if arguments.details or arguments.only is not None:
                print("\n".join([*case.script, *case.revisions, *show]), flush=True)
    if arguments.record:
        arguments.record.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in recorded))
    for (verdict, reason), count in sorted(reasons.items(), key=lambda item: (item[0][0], -item[1])):
        if reason and not verdict.isupper():
            print(f"  {verdict}: {count} {reason}")
    print(f"seed {seed}: {sum(verdicts.values())} tables, {rows} inserts: " + ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items())))
    return any(verdict.isupper() for verdict in verdicts)


if __name__ == "__main__":
    sys.exit(main())
