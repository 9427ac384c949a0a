"""alembic_utils/experimental/_collect_instances.py: imports every module of a package and looks at what is in it."""
import importlib
import os


def walk_modules(module):
    top = os.path.realpath(list(module.__path__)[0])
    for folder, _, files in os.walk(top):
        if "__init__.py" not in files:
            continue
        inner = os.path.relpath(folder, top)
        names = [] if inner == "." else inner.split(os.sep)
        for file in files:
            if file.endswith(".py") and file != "__init__.py":
                yield importlib.import_module(".".join([module.__name__, *names, file[:-3]]))


def collect_instances(module, class_):
    return [
        value
        for found in walk_modules(module)
        for value in found.__dict__.values()
        if isinstance(value, class_) and value.__class__ == class_
    ]


def collect_subclasses(module, class_):
    kinds = [
        value
        for found in walk_modules(module)
        for value in found.__dict__.values()
        if isinstance(value, type) and issubclass(value, class_) and value != class_
    ]
    return list(dict.fromkeys([*kinds, *class_.__subclasses__()]))
