"""flask/app.py, config.py, globals.py, cli.py: the application as env.py of Flask-Migrate asks it: its configuration and extensions, and which
one `flask db` would take. Nothing is served: views, hooks and blueprints are taken and forgotten."""
import json
import logging
import os
import sys
from datetime import timedelta
from importlib import import_module

from flask._rest import rest as _rest
from sqlalchemy.orm._support import refuse

__version__ = "3.1.3"

_DEFAULTS = {
    "DEBUG": None, "TESTING": False, "PROPAGATE_EXCEPTIONS": None, "SECRET_KEY": None, "SECRET_KEY_FALLBACKS": None,
    "PERMANENT_SESSION_LIFETIME": timedelta(days=31), "USE_X_SENDFILE": False, "TRUSTED_HOSTS": None, "SERVER_NAME": None,
    "APPLICATION_ROOT": "/", "SESSION_COOKIE_NAME": "session", "SESSION_COOKIE_DOMAIN": None, "SESSION_COOKIE_PATH": None,
    "SESSION_COOKIE_HTTPONLY": True, "SESSION_COOKIE_SECURE": False, "SESSION_COOKIE_PARTITIONED": False,
    "SESSION_COOKIE_SAMESITE": None, "SESSION_REFRESH_EACH_REQUEST": True, "MAX_CONTENT_LENGTH": None,
    "MAX_FORM_MEMORY_SIZE": 500_000, "MAX_FORM_PARTS": 1_000, "SEND_FILE_MAX_AGE_DEFAULT": None,
    "TRAP_BAD_REQUEST_ERRORS": None, "TRAP_HTTP_EXCEPTIONS": False, "EXPLAIN_TEMPLATE_LOADING": False,
    "PREFERRED_URL_SCHEME": "http", "TEMPLATES_AUTO_RELOAD": None, "MAX_COOKIE_SIZE": 4093, "PROVIDE_AUTOMATIC_OPTIONS": True,
}


def _import_string(name):
    """`werkzeug.utils.import_string`: `package.module:Name` or `package.module.Name`."""
    name = name.replace(":", ".")
    if "." not in name:
        return import_module(name)
    module, _, attribute = name.rpartition(".")
    try:
        return getattr(import_module(module), attribute)
    except (ImportError, AttributeError):
        return import_module(name)


class Config(dict):
    def __init__(self, root_path, defaults=None):
        super().__init__(defaults or {})
        self.root_path = root_path

    def from_object(self, obj):
        if isinstance(obj, str):
            obj = _import_string(obj)
        for key in dir(obj):
            if key.isupper():
                self[key] = getattr(obj, key)

    def from_mapping(self, mapping=None, **keywords):
        for key, value in {**(mapping or {}), **keywords}.items():
            if key.isupper():
                self[key] = value
        return True

    def from_prefixed_env(self, prefix="FLASK", *, loads=json.loads):
        prefix = f"{prefix}_"
        for name in sorted(os.environ):
            if not name.startswith(prefix):
                continue
            value = os.environ[name]
            key = name.removeprefix(prefix)
            try:
                value = loads(value)
            except Exception:
                pass
            target = self
            *parents, last = key.split("__")
            for parent in parents:
                target = target.setdefault(parent, {})
            target[last] = value
        return True

    def _file(self, filename, silent):
        path = os.path.join(self.root_path, filename)
        if os.path.isfile(path):
            return path
        if silent:
            return None
        raise FileNotFoundError(f"[Errno 2] Unable to load configuration file (No such file or directory): {path!r}")

    def from_file(self, filename, load, silent=False, text=True):
        path = self._file(filename, silent)
        if path is None:
            return False
        with open(path, "r" if text else "rb") as file:
            return self.from_mapping(load(file))

    def from_pyfile(self, filename, silent=False):
        path = self._file(filename, silent)
        if path is None:
            return False
        from importlib import util
        spec = util.spec_from_file_location("config", path)
        module = util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self.from_object(module)
        return True

    def from_envvar(self, variable_name, silent=False):
        name = os.environ.get(variable_name)
        if not name:
            if silent:
                return False
            raise RuntimeError(f"The environment variable {variable_name!r} is not set and as such configuration could not be loaded. Set this variable and make it point to a configuration file")
        return self.from_pyfile(name, silent=silent)

    def get_namespace(self, namespace, lowercase=True, trim_namespace=True):
        found = {}
        for key, value in self.items():
            if key.startswith(namespace):
                key = key[len(namespace):] if trim_namespace else key
                found[key.lower() if lowercase else key] = value
        return found


_contexts = []


class _Context:
    def __init__(self, app):
        self.app = app

    def push(self):
        _contexts.append(self.app)

    def pop(self, exc=None):
        _contexts.pop()

    def __enter__(self):
        self.push()
        return self

    def __exit__(self, *_error):
        self.pop()


def _takes(self, *args, **keywords):
    """A decorator, with or without arguments: the function stays as it is."""
    if len(args) == 1 and callable(args[0]) and not keywords:
        return args[0]
    return lambda function: function


def _forgets(self, *args, **keywords):
    pass


class _Commands:
    command = group = _takes
    add_command = _forgets


class Flask:
    config_class = Config

    route = get = post = put = delete = patch = endpoint = errorhandler = _takes
    before_request = after_request = teardown_request = teardown_appcontext = before_first_request = _takes
    context_processor = shell_context_processor = url_defaults = url_value_preprocessor = _takes
    template_filter = template_global = template_test = _takes
    register_blueprint = register_error_handler = add_url_rule = add_template_filter = add_template_global = _forgets

    def __init__(self, import_name, static_url_path=None, static_folder="static", static_host=None, host_matching=False, subdomain_matching=False,
                 template_folder="templates", instance_path=None, instance_relative_config=False, root_path=None):
        self.import_name = import_name
        self.static_url_path, self.static_folder, self.template_folder = static_url_path, static_folder, template_folder
        file = getattr(sys.modules.get(import_name), "__file__", None)
        self.root_path = root_path or (os.path.dirname(os.path.abspath(file)) if file else os.getcwd())
        if instance_path is not None and not os.path.isabs(instance_path):
            raise ValueError("If an instance path is provided it must be absolute. A relative path was given instead.")
        self.instance_path = instance_path or self._find_instance_path(file)
        self.config = self.config_class(self.instance_path if instance_relative_config else self.root_path, dict(_DEFAULTS))
        self.config["DEBUG"] = os.environ.get("FLASK_DEBUG", "").lower() not in ("", "0", "false", "no")
        self.extensions = {}
        self.blueprints = {}
        self.cli = _Commands()

    def _find_instance_path(self, file):
        """`auto_find_instance_path`: beside the outermost package."""
        if file is None:
            return os.path.join(os.getcwd(), "instance")
        folder = os.path.abspath(file)
        for _part in self.import_name.split("."):
            folder = os.path.dirname(folder)
        if os.path.basename(file) == "__init__.py":
            folder = os.path.dirname(folder)
        if "site-packages" in folder:
            refuse("the instance folder of an installed Flask application")
        return os.path.join(folder, "instance")

    @property
    def name(self):
        return self.import_name

    @property
    def logger(self):
        return logging.getLogger(self.import_name)

    @property
    def debug(self):
        return self.config["DEBUG"]

    @debug.setter
    def debug(self, value):
        self.config["DEBUG"] = value

    @property
    def testing(self):
        return self.config["TESTING"]

    @testing.setter
    def testing(self, value):
        self.config["TESTING"] = value

    @property
    def secret_key(self):
        return self.config["SECRET_KEY"]

    @secret_key.setter
    def secret_key(self, value):
        self.config["SECRET_KEY"] = value

    def app_context(self):
        return _Context(self)

    test_request_context = app_context

    def open_instance_resource(self, resource, mode="rb"):
        return open(os.path.join(self.instance_path, resource), mode)

    def open_resource(self, resource, mode="rb"):
        return open(os.path.join(self.root_path, resource), mode)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(_rest.Flask, name)


class _CurrentApp:
    """The application whose context is open; without one the one that `flask db` would take, as env.py of Flask-Migrate runs within its context."""

    def _get_current_object(self):
        if not _contexts:
            from flask._locate import located
            _contexts.append(located())
        return _contexts[-1]

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._get_current_object(), name)

    def __setattr__(self, name, value):
        setattr(self._get_current_object(), name, value)

    def __bool__(self):
        return bool(_contexts)


current_app = _CurrentApp()


def has_app_context():
    return bool(_contexts)
