"""Data classes."""
import copy as _copy

__all__ = ["dataclass", "field", "Field", "FrozenInstanceError", "InitVar", "KW_ONLY", "MISSING", "fields", "asdict", "astuple", "make_dataclass", "replace", "is_dataclass"]


class FrozenInstanceError(AttributeError):
    pass


class _Missing:
    def __repr__(self):
        return "<dataclasses._MISSING_TYPE object>"


MISSING = _Missing()


class KW_ONLY:
    pass


class InitVar:
    def __init__(self, type):
        self.type = type

    def __class_getitem__(cls, type):
        return InitVar(type)


class Field:
    def __init__(self, default, default_factory, init, repr, hash, compare, metadata, kw_only):
        self.name = None
        self.type = None
        self.default = default
        self.default_factory = default_factory
        self.init = init
        self.repr = repr
        self.hash = hash
        self.compare = compare
        self.metadata = metadata or {}
        self.kw_only = kw_only
        self._init_only = False


def field(*, default=MISSING, default_factory=MISSING, init=True, repr=True, hash=None, compare=True, metadata=None, kw_only=MISSING):
    if default is not MISSING and default_factory is not MISSING:
        raise ValueError("cannot specify both default and default_factory")
    return Field(default, default_factory, init, repr, hash, compare, metadata, kw_only)


def _is_class_var(annotation):
    if isinstance(annotation, str):
        return annotation.startswith(("ClassVar", "typing.ClassVar", "t.ClassVar"))
    return getattr(annotation, "_name", None) == "ClassVar" or getattr(getattr(annotation, "_form", None), "_name", None) == "ClassVar"


def _is_init_var(annotation):
    if isinstance(annotation, str):
        return annotation.startswith(("InitVar", "dataclasses.InitVar"))
    return annotation is InitVar or isinstance(annotation, InitVar)


def _is_kw_only(annotation):
    return annotation is KW_ONLY or annotation in ("KW_ONLY", "dataclasses.KW_ONLY")


def dataclass(cls=None, /, *, init=True, repr=True, eq=True, order=False, unsafe_hash=False, frozen=False, match_args=True, kw_only=False, slots=False, weakref_slot=False):
    def wrap(cls):
        return _process(cls, init, repr, eq, order, unsafe_hash, frozen, match_args, kw_only)
    return wrap if cls is None else wrap(cls)


def _process(cls, init, repr_, eq, order, unsafe_hash, frozen, match_args, kw_only):
    found = {}
    for base in reversed(cls.__mro__[1:]):
        for name, known in base.__dict__.get("__dataclass_fields__", {}).items():
            found[name] = known
    keyword = kw_only
    for name, annotation in cls.__dict__.get("__annotations__", {}).items():
        if _is_kw_only(annotation):
            keyword = True
            continue
        if _is_class_var(annotation):
            continue
        default = cls.__dict__.get(name, MISSING)
        made = default if isinstance(default, Field) else field(default=default)
        if isinstance(default, Field):
            if made.default is MISSING:
                delattr(cls, name)
            else:
                setattr(cls, name, made.default)
        if made.default.__class__ in (list, dict, set):
            raise ValueError(f"mutable default {type(made.default)} for field {name} is not allowed: use default_factory")
        made.name = name
        made.type = annotation
        if made.kw_only is MISSING:
            made.kw_only = keyword
        made._init_only = _is_init_var(annotation)
        found[name] = made
    cls.__dataclass_fields__ = found
    cls.__dataclass_params__ = (init, repr_, eq, order, unsafe_hash, frozen)
    positional = [item for item in found.values() if item.init and not item.kw_only]
    optional = False
    for item in positional:
        if item.default is not MISSING or item.default_factory is not MISSING:
            optional = True
        elif optional:
            raise TypeError(f"non-default argument {item.name!r} follows default argument")
    if init and "__init__" not in cls.__dict__:
        cls.__init__ = _make_init(cls, found)
    stored = [item for item in found.values() if not item._init_only]
    if repr_ and "__repr__" not in cls.__dict__:
        def __repr__(self):
            parts = [f"{item.name}={getattr(self, item.name)!r}" for item in stored if item.repr]
            return f"{self.__class__.__qualname__}({', '.join(parts)})"
        cls.__repr__ = __repr__
    compared = [item.name for item in stored if item.compare]

    def key(self):
        return tuple(getattr(self, name) for name in compared)
    if eq and "__eq__" not in cls.__dict__:
        def __eq__(self, other):
            if other.__class__ is self.__class__:
                return key(self) == key(other)
            return NotImplemented
        cls.__eq__ = __eq__
    if order:
        def comparison(function):
            return lambda self, other: function(key(self), key(other)) if other.__class__ is self.__class__ else NotImplemented
        cls.__lt__ = comparison(lambda a, b: a < b)
        cls.__le__ = comparison(lambda a, b: a <= b)
        cls.__gt__ = comparison(lambda a, b: a > b)
        cls.__ge__ = comparison(lambda a, b: a >= b)
    if unsafe_hash or (eq and frozen):
        hashed = [item.name for item in stored if (item.compare if item.hash is None else item.hash)]

        def __hash__(self):
            return hash(tuple(getattr(self, name) for name in hashed))
        if "__hash__" not in cls.__dict__ or cls.__dict__["__hash__"] is None:
            cls.__hash__ = __hash__
    elif eq and "__hash__" not in cls.__dict__:
        cls.__hash__ = None
    if frozen:
        def __setattr__(self, name, value):
            raise FrozenInstanceError(f"cannot assign to field {name!r}")

        def __delattr__(self, name):
            raise FrozenInstanceError(f"cannot delete field {name!r}")
        cls.__setattr__ = __setattr__
        cls.__delattr__ = __delattr__
    if match_args and "__match_args__" not in cls.__dict__:
        cls.__match_args__ = tuple(item.name for item in positional)
    return cls


def _make_init(cls, found):
    accepted = [item for item in found.values() if item.init]
    positional = [item.name for item in accepted if not item.kw_only]
    qualified = f"{cls.__name__}.__init__()"

    def __init__(self, *args, **kwargs):
        given = dict(zip(positional, args))
        if len(args) > len(positional):
            most = len(positional) + 1
            least = 1 + len([item for item in accepted if not item.kw_only and item.default is MISSING and item.default_factory is MISSING])
            takes = f"from {least} to {most}" if least != most else f"{most}"
            raise TypeError(f"{qualified} takes {takes} positional argument{'s' if most != 1 else ''} but {len(args) + 1} were given")
        for name in kwargs:
            if name in given:
                raise TypeError(f"{qualified} got multiple values for argument {name!r}")
            if not any(item.name == name for item in accepted):
                raise TypeError(f"{qualified} got an unexpected keyword argument {name!r}")
        given.update(kwargs)
        missing = [repr(item.name) for item in accepted if not item.kw_only and item.name not in given and item.default is MISSING and item.default_factory is MISSING]
        kind = "positional"
        if not missing:
            missing = [repr(item.name) for item in accepted if item.kw_only and item.name not in given and item.default is MISSING and item.default_factory is MISSING]
            kind = "keyword-only"
        if missing:
            listed = missing[0] if len(missing) == 1 else f"{', '.join(missing[:-1])}{',' if len(missing) > 2 else ''} and {missing[-1]}"
            raise TypeError(f"{qualified} missing {len(missing)} required {kind} argument{'s' if len(missing) > 1 else ''}: {listed}")
        init_only = []
        for item in found.values():
            if item.name in given:
                value = given[item.name]
            elif item.default_factory is not MISSING:
                value = item.default_factory()
            elif item.default is not MISSING:
                value = item.default
            else:
                continue
            if item._init_only:
                init_only.append(value)
            else:
                object.__setattr__(self, item.name, value)
        after = getattr(self, "__post_init__", None)
        if after is not None:
            after(*init_only)
    __init__.__qualname__ = f"{cls.__qualname__}.__init__"
    return __init__


def fields(class_or_instance):
    found = getattr(class_or_instance, "__dataclass_fields__", None)
    if found is None:
        raise TypeError("must be called with a dataclass type or instance")
    return tuple(item for item in found.values() if not item._init_only)


def is_dataclass(obj):
    return hasattr(obj if isinstance(obj, type) else type(obj), "__dataclass_fields__")


def _convert(value, whole, dict_factory, tuple_factory):
    if is_dataclass(value) and not isinstance(value, type):
        return whole(value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*[_convert(item, whole, dict_factory, tuple_factory) for item in value])
    if isinstance(value, (list, tuple)):
        return type(value)(_convert(item, whole, dict_factory, tuple_factory) for item in value)
    if isinstance(value, dict):
        return type(value)((_convert(key, whole, dict_factory, tuple_factory), _convert(item, whole, dict_factory, tuple_factory)) for key, item in value.items())
    return _copy.deepcopy(value)


def asdict(obj, *, dict_factory=dict):
    if not is_dataclass(obj) or isinstance(obj, type):
        raise TypeError("asdict() should be called on dataclass instances")
    return dict_factory([(item.name, _convert(getattr(obj, item.name), lambda value: asdict(value, dict_factory=dict_factory), dict_factory, None)) for item in fields(obj)])


def astuple(obj, *, tuple_factory=tuple):
    if not is_dataclass(obj) or isinstance(obj, type):
        raise TypeError("astuple() should be called on dataclass instances")
    return tuple_factory([_convert(getattr(obj, item.name), lambda value: astuple(value, tuple_factory=tuple_factory), None, tuple_factory) for item in fields(obj)])


def replace(obj, /, **changes):
    for item in fields(obj):
        if not item.init:
            if item.name in changes:
                raise ValueError(f"field {item.name} is declared with init=False, it cannot be specified with replace()")
            continue
        if item.name not in changes:
            changes[item.name] = getattr(obj, item.name)
    return obj.__class__(**changes)


def make_dataclass(cls_name, fields, *, bases=(), namespace=None, **kwargs):
    annotations = {}
    body = dict(namespace or {})
    for item in fields:
        if isinstance(item, str):
            annotations[item] = "typing.Any"
        elif len(item) == 2:
            annotations[item[0]] = item[1]
        else:
            annotations[item[0]] = item[1]
            body[item[0]] = item[2]
    body["__annotations__"] = annotations
    return dataclass(type(cls_name, bases, body), **kwargs)
