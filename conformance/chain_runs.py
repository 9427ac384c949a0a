"""What online.py and online_sqlite.py share: the chains of a folder of projects, and one upgrade of a chain with an env.py of ours."""
import os
import pathlib
import re
import subprocess
import tempfile

LEFT_OUT = {"node_modules", "site-packages", ".venv", "venv", "tests"}
# where projects keep the packages that their revisions import
ROOTS = ("", "src", "backend", "lib", "server", "api", "migrations", "alembic")
REVISION = re.compile(r"^down_revision\b", re.MULTILINE)
ENV_PY = """from alembic import context
from sqlalchemy import create_engine, pool

engine = create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection{options})
    with context.begin_transaction():
        context.run_migrations()
"""


def top(folder):
    """A chain may be spread over folders below `versions`."""
    for parent in (folder, *folder.parents):
        if parent.name == "versions":
            return parent
    return folder


def chains(work, only):
    """The folders that hold revisions: (name, project, folder)."""
    for project in sorted((work / "src").iterdir()):
        files = [path for path in project.rglob("*.py") if not LEFT_OUT.intersection(path.relative_to(project).parts)]
        folders = {top(path.parent) for path in files if REVISION.search(path.read_text(encoding="utf-8", errors="replace"))}
        for folder in sorted(folders):
            name = f"{project.name}@{folder.relative_to(project).as_posix().replace('/', '.')}"
            if not only or any(part in name for part in only):
                yield name, project, folder


def upgrade(command, project, folder, url, environment=os.environ, options=""):
    """Upgrades to the heads: whether it went well, and the last line of what was said."""
    with tempfile.TemporaryDirectory() as name:
        home = pathlib.Path(name)
        (home / "env.py").write_text(ENV_PY.format(options=options))
        (home / "alembic.ini").write_text(
            f"[alembic]\nscript_location = {home}\nversion_locations =\n    {folder}\npath_separator = newline\nrecursive_version_locations = true\n"
            f"prepend_sys_path = {project}\nsqlalchemy.url = {url}\n"
        )
        roots = [str(project / root) for root in ROOTS if (project / root).is_dir()]
        env = {**environment, "PYTHONPATH": os.pathsep.join([*roots, str(folder.parent)]), "PYTHONDONTWRITEBYTECODE": "1"}
        env.pop("VIRTUAL_ENV", None)
        run = [*command, "-c", str(home / "alembic.ini"), "upgrade", "heads"]
        try:
            done = subprocess.run(run, cwd=project, env=env, capture_output=True, text=True, timeout=300)
        except subprocess.TimeoutExpired:
            return False, "not done within 300 s"
    said = [line for line in done.stderr.strip().splitlines() if not line.startswith(("(Background", "[sent by"))]
    return done.returncode == 0, "" if done.returncode == 0 else (said or [""])[-1][:200]
