"""flask_sqlalchemy/extension.py, model.py: models, tables, what is passed on of SQLAlchemy, and the engines of an application. What needs
one that serves (the session, queries) is refused when it is used."""
import os
import re

import flask as _flask
import sqlalchemy as _sa
import sqlalchemy.event as _event
import sqlalchemy.orm as _orm
from sqlalchemy.orm._support import refuse, refuse_effect

__version__ = "3.1.1"


def _refuse(what):
    """What reads or writes the database: within the context of an application it would be done, and is not passed over."""
    (refuse_effect if _flask.has_app_context() else refuse)(what)


class _NeedsApplication:
    def __init__(self, name):
        object.__setattr__(self, "_name", name)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        _refuse(f"`{self._name}.{name}` of Flask-SQLAlchemy, which needs a running Flask application")

    def __setattr__(self, name, value):
        _refuse(f"`{self._name}.{name}` of Flask-SQLAlchemy, which needs a running Flask application")

    def __call__(self, *args, **keywords):
        _refuse(f"`{self._name}()` of Flask-SQLAlchemy, which needs a running Flask application")


class _Query:
    def __get__(self, instance, owner):
        return _NeedsApplication(f"{owner.__name__}.query")


class Model:
    """The base class of models."""

    query_class = None
    query = _Query()


def _snake_case(name):
    separated = re.sub(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))", r"_\1", name)
    return separated.lower().lstrip("_")


def _is_mapped_kind(cls):
    return isinstance(cls, _orm.DeclarativeMeta)


def _lacks_name(cls):
    """`should_set_tablename`."""
    if cls.__dict__.get("__abstract__", False) or not any(_is_mapped_kind(base) for base in cls.__mro__[1:]):
        return False
    for base in cls.__mro__:
        if "__tablename__" not in base.__dict__:
            continue
        if isinstance(base.__dict__["__tablename__"], _orm.declared_attr):
            return False
        return not (base is cls or base.__dict__.get("__abstract__", False) or not _is_mapped_kind(base))
    return True


def _is_key(value):
    column = getattr(value, "column", value)
    if isinstance(column, _sa.PrimaryKeyConstraint):
        return True
    return bool(getattr(column, "primary_key", False)) and isinstance(column, _sa.Column)


def _has_own_table(cls):
    """`__table_cls__`: a class below a table that has no primary key of its own shares that table."""
    if not any("__table__" in base.__dict__ for base in cls.__mro__[1:-1]):
        return True
    parts = list(cls.__dict__.values())
    arguments = cls.__dict__.get("__table_args__", ())
    if isinstance(arguments, tuple):
        parts.extend(arguments)
    for base in cls.__mro__[1:-1]:
        if not _is_mapped_kind(base) or base.__dict__.get("__abstract__", False):
            parts.extend(base.__dict__.values())
    return any(_is_key(part) for part in parts)


class _Named:
    """What both kinds of metaclass do before a class is mapped."""

    def __init__(cls, name, bases, namespace, **keywords):
        owner = getattr(cls, "__fsa__", None)
        if owner is not None:
            key = getattr(cls, "__bind_key__", None)
            if key is not None and "metadata" not in cls.__dict__ and "__table__" not in cls.__dict__:
                type.__setattr__(cls, "metadata", owner._make_metadata(key))
            if "__table__" not in cls.__dict__ and _lacks_name(cls) and _has_own_table(cls):
                type.__setattr__(cls, "__tablename__", _snake_case(cls.__name__))
        super().__init__(name, bases, namespace, **keywords)


class DefaultMeta(_Named, _orm.DeclarativeMeta):
    pass


def _placed(url, app):
    """`_apply_driver_defaults`: the file of SQLite is looked for from the application's instance folder."""
    if url.drivername not in ("sqlite", "sqlite+pysqlite") or url.database in (None, "", ":memory:"):
        return url
    is_uri = url.query.get("uri", False)
    name = url.database[5:] if is_uri else url.database
    if os.path.isabs(name):
        return url
    placed = os.path.join(app.instance_path, name)
    if not os.path.exists(placed) and os.path.exists(os.path.join(app.root_path, name)):
        refuse(f"a database in {app.root_path!r}: Flask-SQLAlchemy 3 looks for {name!r} in {app.instance_path!r}, versions before 3 beside the application. Give it with an absolute path")
    if not os.path.isdir(app.instance_path):
        os.makedirs(app.instance_path, exist_ok=True)
    return url.set(database=f"file:{placed}" if is_uri else placed)


class SQLAlchemy:
    def __init__(self, app=None, *, metadata=None, session_options=None, query_class=None, model_class=Model, engine_options=None, add_models_to_shell=True, disable_autonaming=False):
        if disable_autonaming:
            refuse("`disable_autonaming` of Flask-SQLAlchemy")
        self.session = _NeedsApplication("db.session")
        self._engine_options = engine_options or {}
        self._app_engines = {}
        self.Query = query_class or _orm.Query
        self.metadatas = {}
        if metadata is not None:
            metadata.info["bind_key"] = None
            self.metadatas[None] = metadata
        self.Model = self._make_base(model_class)
        self.metadata = self.metadatas[None]
        if app is not None:
            self.init_app(app)

    def _make_metadata(self, bind_key):
        if bind_key in self.metadatas:
            return self.metadatas[bind_key]
        if bind_key is not None:
            made = _sa.MetaData(naming_convention=self._make_metadata(None).naming_convention)
        else:
            made = _sa.MetaData()
        made.info["bind_key"] = bind_key
        self.metadatas[bind_key] = made
        return made

    def _make_base(self, model):
        if isinstance(model, _orm.DeclarativeMeta):
            if any(base.__name__ in ("DeclarativeBase", "DeclarativeBaseNoMeta", "MappedAsDataclass") for base in model.__mro__):
                meta = type("DefaultMeta", (_Named, type(model)), {})
                self.metadatas[None] = model.metadata
                return meta(model.__name__, (model,), {"__abstract__": True, "__fsa__": self, "query": _Query()})
            model.__fsa__ = self
            self.metadatas[None] = model.metadata
            return model
        made = _orm.declarative_base(metadata=self._make_metadata(None), cls=model, name="Model", metaclass=DefaultMeta)
        type.__setattr__(made, "__fsa__", self)
        return made

    def init_app(self, app):
        if not isinstance(app, _flask.Flask):
            return
        if "sqlalchemy" in app.extensions:
            raise RuntimeError("A 'SQLAlchemy' instance has already been registered on this Flask app. Import and use that instance instead.")
        app.extensions["sqlalchemy"] = self
        uri = app.config.setdefault("SQLALCHEMY_DATABASE_URI", None)
        options = {**self._engine_options, **app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", {})}
        app.config.setdefault("SQLALCHEMY_ECHO", False)
        engine_options = {}
        for key, value in app.config.setdefault("SQLALCHEMY_BINDS", {}).items():
            given = {"url": value} if isinstance(value, (str, _sa.engine.URL)) else value
            engine_options[key] = {**self._engine_options, **given}
        if uri is not None:
            options["url"] = uri
        if "url" in options:
            engine_options.setdefault(None, {}).update(options)
        if not engine_options:
            raise RuntimeError("Either 'SQLALCHEMY_DATABASE_URI' or 'SQLALCHEMY_BINDS' must be set.")
        app.config.setdefault("SQLALCHEMY_RECORD_QUERIES", False)
        app.config.setdefault("SQLALCHEMY_TRACK_MODIFICATIONS", False)
        engines = self._app_engines.setdefault(app, {})
        for key, options in engine_options.items():
            self._make_metadata(key)
            options = dict(options)
            engines[key] = _sa.create_engine(_placed(_sa.engine.make_url(options.pop("url")), app), **options)

    def _engines(self):
        app = _flask.current_app._get_current_object()
        if app not in self._app_engines:
            raise RuntimeError("The current Flask app is not registered with this 'SQLAlchemy' instance. Did you forget to call 'init_app', or did you create multiple 'SQLAlchemy' instances?")
        return self._app_engines[app]

    def Table(self, name, *args, bind_key=None, **keywords):
        if not args or not isinstance(args[0], _sa.MetaData):
            args = (self._make_metadata(bind_key), *args)
        return _sa.Table(name, *args, **keywords)

    def _with_query(self, keywords):
        keywords = dict(keywords)
        keywords.pop("query_class", None)
        return keywords

    def relationship(self, *args, **keywords):
        return _orm.relationship(*args, **self._with_query(keywords))

    relation = relationship

    @property
    def engine(self):
        return self._engines()[None]

    @property
    def engines(self):
        return self._engines()

    def _for_binds(self, bind_key, operation):
        keys = [bind_key] if bind_key is None or isinstance(bind_key, str) else bind_key
        for key in self.metadatas if bind_key == "__all__" else keys:
            getattr(self.metadatas[key], operation)(bind=self.engines[key])

    def create_all(self, bind_key="__all__"):
        self._for_binds(bind_key, "create_all")

    def drop_all(self, bind_key="__all__"):
        self._for_binds(bind_key, "drop_all")

    def reflect(self, bind_key="__all__"):
        self._for_binds(bind_key, "reflect")

    def get_engine(self, bind_key=None, **keywords):
        return self._engines()[keywords.get("bind", bind_key)]

    def __getattr__(self, name):
        if name == "event":
            return _event
        if name.startswith("_"):
            raise AttributeError(name)
        for module in (_sa, _orm):
            if hasattr(module, name):
                return getattr(module, name)
        raise AttributeError(name)
