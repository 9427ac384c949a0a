"""flask_migrate/__init__.py: what env.py finds in `app.extensions['migrate']`."""
from sqlalchemy.orm._support import refuse, refuse_effect

__version__ = "4.1.0"


class _MigrateConfig:
    def __init__(self, migrate, db, **keywords):
        self.migrate = migrate
        self.db = db
        self.directory = migrate.directory
        self.configure_args = keywords

    @property
    def metadata(self):
        return self.db.metadata


class Migrate:
    def __init__(self, app=None, db=None, directory="migrations", command="db", compare_type=True, render_as_batch=True, **keywords):
        self.configure_callbacks = []
        self.db = db
        self.command = command
        self.directory = str(directory)
        self.alembic_ctx_kwargs = keywords
        self.alembic_ctx_kwargs["compare_type"] = compare_type
        self.alembic_ctx_kwargs["render_as_batch"] = render_as_batch
        if app is not None and db is not None:
            self.init_app(app, db, directory)

    def init_app(self, app, db=None, directory=None, command=None, compare_type=None, render_as_batch=None, **keywords):
        self.db = db or self.db
        self.command = command or self.command
        self.directory = str(directory or self.directory)
        self.alembic_ctx_kwargs.update(keywords)
        if compare_type is not None:
            self.alembic_ctx_kwargs["compare_type"] = compare_type
        if render_as_batch is not None:
            self.alembic_ctx_kwargs["render_as_batch"] = render_as_batch
        app.extensions["migrate"] = _MigrateConfig(self, self.db, **self.alembic_ctx_kwargs)

    def configure(self, function):
        refuse("`@migrate.configure` of Flask-Migrate, which changes the configuration of Alembic")


def _command(name):
    def run(*args, **keywords):
        refuse_effect(f"`flask_migrate.{name}()` while the application is made: it would run beside this command")

    return run


branches = _command("branches")
check = _command("check")
current = _command("current")
downgrade = _command("downgrade")
edit = _command("edit")
heads = _command("heads")
history = _command("history")
init = _command("init")
list_templates = _command("list_templates")
merge = _command("merge")
migrate = _command("migrate")
revision = _command("revision")
show = _command("show")
stamp = _command("stamp")
upgrade = _command("upgrade")
