"""A pytest plugin: Alembic's own tests, with `aludel` in the place of `alembic.command` and of what writes revision files. See own_tests.py.

ALUDEL is the program, ALUDEL_SERVER `user@host:port` of a PostgreSQL server: the tests' SQLite files become databases there.
"""

import contextlib
import functools
import inspect
import io
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import pytest

ALUDEL = os.environ["ALUDEL"]
SERVER = os.environ["ALUDEL_SERVER"]
CAPTURED = []

# Tests that no program can take for Alembic's modules: what they look at is a Python object, or takes the models. (pattern of the name, reason)
NOT_APPLICABLE = [
    (r"autogen|CheckTest|MultiContextTest|ImportsTest|RewriterTest|ScriptAccessorTest", "autogenerate: needs the models"),
    (r"CustomizeRevisionTest", "directives given as functions of the calling program"),
    (r"StdoutOutputEncodingTest|test_config_logging|attributes|test_standalone_op|test_config_args|register_command", "Python API of Config or Operations"),
    (r"ScriptNamingTest|test_args_propagate", "private methods of ScriptDirectory, or a context made by hand"),
    (r"FileTemplateDirectoryTest", "the clock is replaced inside the process"),
    (r"test_run_cmd_args_missing|test_help_text|test_init_file_exists|test_init_file_doesnt_exist|test_init_w_package|test_init_custom_template_location|test_version_text",
     "replaces functions inside the process"),
    (r"test_online_stamp|test_stamp_purge\b", "listens to the statements of a Python connection"),
]


def fill(text):
    """SQLite's files become databases of the server."""
    text = re.sub(r"sqlite:///\S*?(\w+)\.db", lambda found: url(found.group(1)), text)
    return text.replace("'sqlite'", "'postgresql'")


def url(name):
    return f"postgresql+psycopg2://{SERVER}/aludel_own_{name}"


@functools.cache
def engine(name):
    import sqlalchemy

    with sqlalchemy.create_engine(f"postgresql+psycopg2://{SERVER}/postgres", isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS aludel_own_{name}")
        connection.exec_driver_sql(f"CREATE DATABASE aludel_own_{name}")
    return sqlalchemy.create_engine(url(name), poolclass=sqlalchemy.NullPool)


def wipe():
    for name in ("foo",):
        with engine(name).begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")


def written(cfg):
    """`-c` options for a Config object, which may have been changed since it was read."""
    from configparser import RawConfigParser

    here = pathlib.Path(cfg.config_file_name).resolve().parent if cfg.config_file_name else pathlib.Path(tempfile.mkdtemp())
    real = pathlib.Path(cfg.config_file_name) if cfg.config_file_name else here / "none.ini"
    on_disk = RawConfigParser({"here": here.as_posix()})
    on_disk.read(real)
    now = cfg.__dict__.get("file_config")
    same = now is None or now.sections() == on_disk.sections() and all(dict(now.items(name, raw=True)) == dict(on_disk.items(name)) for name in now.sections())
    if not same:
        real = here / "shim.ini"
        with open(real, "w") as file:
            now.write(file)
    options = ["-c", str(real)]
    if cfg.toml_file_name:
        options += ["-c", str(cfg.toml_file_name)]
    return options


def run(words, cwd=None, **environment):
    """Runs the program; what it fails with becomes Alembic's exception."""
    from alembic import util

    done = subprocess.run([ALUDEL, *map(str, words)], capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd=cwd, env={**os.environ, **environment})
    sys.stderr.write(done.stderr)
    failed = re.search(r"^FAILED: (.*)", done.stdout, re.M | re.S)
    if done.returncode:
        last = [line for line in done.stderr.splitlines() if not line.startswith("hint: ")][-1:]
        message = failed.group(1).rstrip("\n") if failed else "\n".join(last)
        kind = util.CommandError
        if message.startswith("Database is not on all head"):
            kind = util.DatabaseNotAtHead
        elif not failed and "AssertionError" in message:
            kind = AssertionError
        elif not failed and message.startswith("ValueError: "):
            kind, message = ValueError, message.removeprefix("ValueError: ")
        raise kind(message.removeprefix("CommandError: "))
    return done.stdout


def options_of(name, given):
    """The words of the command line for the arguments of a function of alembic.command."""
    words = []
    for key, value in given.items():
        if key == "config" or value is None or value is False:
            continue
        if key == "process_revision_directives":
            pytest.skip("not applicable: directives given as functions of the calling program")
        positional = {"revision": name != "revision", "revisions": True, "rev": True, "directory": True}.get(key, False)
        option = "--" + {"rev_range": "rev-range", "indicate_current": "indicate-current", "purge": "purge"}.get(key, key.replace("_", "-"))
        if positional:
            if isinstance(value, (tuple, list)):
                words += [str(one) for one in value] or ["base"]
            else:
                words.append(str(value))
        elif value is True:
            words.append(option)
        elif isinstance(value, (list, tuple)):
            words += [f"{option}={one}" for one in value]
        else:
            words.append(f"{option}={value}")
    return words


def load(path, directory):
    from alembic.script import Script

    return Script._from_path(directory, pathlib.Path(path))


def generated(text):
    return re.findall(r"^\s*Generating (.*?\.py) \.\.\.", text, re.M)


def stand_in(name, original):
    signature = inspect.signature(original)

    @functools.wraps(original)
    def command(*args, **kwargs):
        from alembic import util
        from alembic.script import ScriptDirectory

        bound = signature.bind(*args, **kwargs)
        given = {key: value for key, value in bound.arguments.items() if value != signature.parameters[key].default}
        cfg = given["config"]
        if "autogenerate" in given and given["autogenerate"] and not given.get("sql") or name == "check":
            pytest.skip("not applicable: autogenerate: needs the models")
        words = options_of(name, given)
        if name == "edit":
            with tempfile.TemporaryDirectory() as folder:
                editor = pathlib.Path(folder, "editor")
                editor.write_text(f'#!/bin/sh\nprintf %s "$1" >{folder}/seen\n')
                editor.chmod(0o755)
                run([*written(cfg), name, *words], EDITOR=str(editor))
                util.open_in_editor(pathlib.Path(folder, "seen").read_text())
            return None
        text = run([*written(cfg), name, *words])
        if name in ("revision", "merge"):
            directory = ScriptDirectory.from_config(cfg)
            scripts = [directory.get_revision(load(path, directory).revision) for path in generated(text)]
            env = [line for line in text.splitlines() if line and not line.lstrip().startswith("Generating ")]
            util.write_outstream(cfg.stdout, *[line + "\n" for line in env])
            return scripts[0] if len(scripts) == 1 else scripts
        if CAPTURED and given.get("sql"):
            keep = CAPTURED[-1][1].get("transactional_ddl")
            CAPTURED[-1][0].write(text if keep else re.sub(r"^(BEGIN|COMMIT);\n\n", "", text, flags=re.M))
        else:
            util.write_outstream(cfg.stdout, text)
        return None

    # Alembic reads the names of the arguments from the function's code.
    names = list(signature.parameters)
    scope = {"call": command}
    exec(f"def {name}({', '.join(names)}):\n    return call({', '.join(f'{one}={one}' for one in names)})\n", scope)
    made = scope[name]
    made.__defaults__, made.__doc__, made.__module__ = original.__defaults__, original.__doc__, original.__module__
    return made


def generate_revision(self, revid, message, head=None, splice=False, branch_labels=None, version_path=None, depends_on=None, **_):
    """ScriptDirectory.generate_revision: `aludel revision` with this object's settings."""
    with tempfile.TemporaryDirectory() as folder:
        lines = ["[alembic]", f"script_location = {os.path.abspath(self.dir)}", f"truncate_slug_length = {self.truncate_slug_length}", "path_separator = newline"]
        lines.append("file_template = " + str(self.file_template).replace("%", "%%"))
        lines.append(f"recursive_version_locations = {str(self.recursive_version_locations).lower()}")
        if self.version_locations:
            lines.append("version_locations =\n  " + "\n  ".join(os.path.abspath(place) for place in self.version_locations))
        ini = pathlib.Path(folder, "alembic.ini")
        ini.write_text("\n".join(lines) + "\n")
        words = ["-c", ini, "-c", pathlib.Path(folder, "pyproject.toml"), "revision", f"--rev-id={revid}", f"--head={head or 'head'}"]
        words += [f"--message={message}"] if message else []
        words += ["--splice"] if splice else []
        words += [f"--version-path={os.path.abspath(version_path)}"] if version_path else []
        words += [f"--branch-label={branch_labels}"] if branch_labels else []
        words += [f"--depends-on={depends_on}"] if depends_on else []
        script = load(generated(run(words))[0], self)
    self.revision_map.add_revision(script)
    return script


def evaluated(cfg, directory, expressions):
    """What expressions are to an env.py that aludel evaluates: one in this directory."""
    env = pathlib.Path(directory, "env.py")
    before = env.read_bytes() if env.exists() else None
    env.write_text("import sys\nfrom alembic import context\n" + "".join(f"print(repr({one}))\n" for one in expressions) + "sys.exit(0)\n")
    try:
        text = run([*written(cfg), "upgrade", "head", "--sql"])
    finally:
        env.write_bytes(before) if before is not None else env.unlink()
    return [eval(line) for line in text.strip().splitlines()[-len(expressions):]]


def remote(cfg, expression):
    """The same in a directory of its own; with a configuration that is in pyproject.toml alone, in the one that it names."""
    if not cfg.file_config.has_section("alembic"):
        return evaluated(cfg, cfg.get_alembic_option("script_location"), [f"context.config.{expression}"])[0]
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "versions").mkdir()
        before = cfg.file_config["alembic"].get("script_location", raw=True)
        cfg.file_config["alembic"]["script_location"] = folder
        try:
            return evaluated(cfg, folder, [f"context.config.{expression}"])[0]
        finally:
            if before is None:
                del cfg.file_config["alembic"]["script_location"]
            else:
                cfg.file_config["alembic"]["script_location"] = before


def asked(name, original):
    def get(self, *args, **kwargs):
        caller = sys._getframe(1)
        if caller.f_globals.get("__name__", "").endswith("test_config") and not ASKING:
            if name in ("get_main_option", "get_section_option") and not self.file_config.has_section("alembic"):
                return original(self, *args, **kwargs)
            ASKING.append(name)
            try:
                return remote(self, f"{name}({', '.join(map(repr, args))})")
            finally:
                ASKING.pop()
        return original(self, *args, **kwargs)

    return get


# Attributes of a ScriptDirectory that tests look at.
ATTRIBUTES = ["dir", "file_template", "output_encoding", "recursive_version_locations", "sourceless", "timezone", "truncate_slug_length", "version_locations"]
ASKING = []


def from_config(original):
    """ScriptDirectory.from_config, called by a test: its attributes, and what it adds to sys.path, are aludel's. Alembic's own is made, too: it warns."""

    def make(cls, config):
        caller = sys._getframe(1).f_code.co_name
        if not caller.startswith("test_"):
            return original(config)
        path = list(sys.path)
        ASKING.append("from_config")
        try:
            made, failed = original(config), None
        except Exception as error:
            made, failed = None, error
        finally:
            ASKING.pop()
        if failed is not None:
            run([*written(config), "heads"])
            raise AssertionError(f"aludel does not fail: {failed!r}")
        if not os.path.isdir(made.dir):
            return made
        locations = made.version_locations
        single = ["context.script.versions"] if not locations or len(locations) == 1 else []
        answers = evaluated(config, made.dir, [*(f"context.script.{name}" for name in ATTRIBUTES), "context.config.get_prepend_sys_paths_list()", *single])
        for name, value in zip(ATTRIBUTES, answers):
            setattr(made, name, pathlib.Path(value) if name == "dir" and isinstance(made.dir, pathlib.Path) else value)
        sys.path[:] = [*(answers[len(ATTRIBUTES)] or []), *path]
        if single:
            made.__dict__["_version_locations"] = [pathlib.Path(answers[-1])]
        return made

    return classmethod(make)


@contextlib.contextmanager
def capture_context_buffer(**given):
    CAPTURED.append((io.StringIO(), given))
    try:
        yield CAPTURED[-1][0]
    finally:
        CAPTURED.pop()


def resolved(self, options):
    """CommandLine._inis_from_config: pyproject.toml and ini file as aludel has them, where every file that is named exists."""
    named = [*(options.config or []), *filter(None, [os.environ.get("ALEMBIC_CONFIG")]), "alembic.ini", "pyproject.toml"]
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "project/versions").mkdir(parents=True)
        (root / "project/env.py").write_text("from alembic import context\nprint(repr((str(context.config.toml_file_name), str(context.config.config_file_name))))\n")
        for name in named:
            if not os.path.isabs(name):
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(f"[{'tool.' if name.endswith('.toml') else ''}alembic]\nscript_location = {repr(folder + '/project') if name.endswith('.toml') else folder + '/project'}\n")
        words = [word for name in options.config or [] for word in ("-c", name)]
        return eval(run([*words, "upgrade", "head", "--sql"], cwd=folder))


def main(self, argv=None):
    from unittest import mock
    from alembic import config

    if isinstance(self.run_cmd, mock.Mock):
        options = self.parser.parse_args(argv)
        toml, ini = self._inis_from_config(options)
        self.run_cmd(config.Config(file_=ini, toml_file=toml, cmd_opts=options), options)
    else:
        sys.stdout.write(run(argv))


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session):
    from alembic import command, config, script
    from alembic.testing import env, fixtures

    for name in ("branches", "check", "current", "downgrade", "edit", "ensure_version", "heads", "history", "init", "list_templates", "merge", "revision", "show", "stamp", "upgrade"):
        original = getattr(command, name)
        setattr(command, name, stand_in(name, original))
        if original in config.CommandLine._POSITIONAL_TRANSLATIONS:
            config.CommandLine._POSITIONAL_TRANSLATIONS[getattr(command, name)] = config.CommandLine._POSITIONAL_TRANSLATIONS[original]
    script.ScriptDirectory.generate_revision = generate_revision
    config.CommandLine.main = main
    config.CommandLine._inis_from_config = resolved
    script.ScriptDirectory.from_config = from_config(script.ScriptDirectory.from_config)
    for name in ("get_alembic_option", "get_hooks_list", "get_main_option", "get_prepend_sys_paths_list", "get_section_option", "get_version_locations_list"):
        setattr(config.Config, name, asked(name, getattr(config.Config, name)))
    fixtures.capture_context_buffer = capture_context_buffer
    env._sqlite_file_db = lambda tempname="foo.db", **_: engine(tempname.removesuffix(".db"))
    for name in ("_write_config_file", "env_file_fixture"):
        setattr(env, name, (lambda write: lambda text: write(fill(text)))(getattr(env, name)))
    staging = env.staging_env

    def staging_env(*args, **kwargs):
        wipe()
        return staging(*args, **kwargs)

    env.staging_env = staging_env


def pytest_collection_modifyitems(items):
    for item in items:
        for pattern, reason in NOT_APPLICABLE:
            if re.search(pattern, item.nodeid):
                item.add_marker(pytest.mark.skip(reason=f"not applicable: {reason}"))
                break
