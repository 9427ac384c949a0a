"""The rest of `typing`, loaded when it is asked for."""
import collections as _collections
import collections.abc as _abc
from types import GenericAlias as _GenericAlias, UnionType as _UnionType
import typing as _typing
from typing import Union, _Alias, _Form

__name__ = "typing"


def _shown(parameter):
    if parameter is None or parameter is type(None):
        return "NoneType" if parameter is type(None) else "None"
    if parameter is Ellipsis:
        return "..."
    if isinstance(parameter, type):
        return parameter.__qualname__ if parameter.__module__ == "builtins" else f"{parameter.__module__}.{parameter.__qualname__}"
    if isinstance(parameter, (list, tuple)):
        return f"[{', '.join(_shown(item) for item in parameter)}]"
    return repr(parameter)


def shown(self):
    name = self._form._name
    if name in ("Union", "Optional"):
        if len(self.__args__) == 2 and self.__args__[1] is type(None):
            return f"typing.Optional[{_shown(self.__args__[0])}]"
        return f"typing.Union[{', '.join(_shown(parameter) for parameter in self.__args__)}]"
    if name == "Literal":
        return f"typing.Literal[{', '.join(repr(parameter) for parameter in self.__args__)}]"
    if name == "Annotated":
        return f"typing.Annotated[{_shown(self.__origin__)}, {', '.join(repr(item) for item in self.__metadata__)}]"
    return f"typing.{name}[{', '.join(_shown(parameter) for parameter in self.__args__)}]"


NoReturn = _Form("NoReturn")
Never = _Form("Never")
Self = _Form("Self")
LiteralString = _Form("LiteralString")
AnyStr = _Form("AnyStr")
ClassVar = _Form("ClassVar")
Final = _Form("Final")
Literal = _Form("Literal")
Annotated = _Form("Annotated")
Concatenate = _Form("Concatenate")
TypeAlias = _Form("TypeAlias")
TypeGuard = _Form("TypeGuard")
TypeIs = _Form("TypeIs")
Required = _Form("Required")
NotRequired = _Form("NotRequired")
ReadOnly = _Form("ReadOnly")
Unpack = _Form("Unpack")
Tuple = _Form("Tuple", tuple)
Set = _Form("Set", set)
FrozenSet = _Form("FrozenSet", frozenset)
Type = _Form("Type", type)
DefaultDict = _Form("DefaultDict", _collections.defaultdict)
OrderedDict = _Form("OrderedDict", _collections.OrderedDict)
Counter = _Form("Counter", _collections.Counter)
Deque = _Form("Deque", _collections.deque)
ChainMap = _Form("ChainMap", _collections.ChainMap)
Iterable = _Form("Iterable", _abc.Iterable)
Iterator = _Form("Iterator", _abc.Iterator)
Generator = _Form("Generator", _abc.Generator)
MutableSequence = _Form("MutableSequence", _abc.MutableSequence)
Mapping = _Form("Mapping", _abc.Mapping)
MutableMapping = _Form("MutableMapping", _abc.MutableMapping)
AbstractSet = _Form("AbstractSet", _abc.Set)
MutableSet = _Form("MutableSet", _abc.MutableSet)
Collection = _Form("Collection", _abc.Collection)
Container = _Form("Container", _abc.Container)
Reversible = _Form("Reversible", _abc.Reversible)
Sized = _Form("Sized", _abc.Sized)
Hashable = _Form("Hashable", _abc.Hashable)
Callable = _Form("Callable", _abc.Callable)
Awaitable = _Form("Awaitable", _abc.Awaitable)
Coroutine = _Form("Coroutine", _abc.Coroutine)
AsyncIterable = _Form("AsyncIterable", _abc.AsyncIterable)
AsyncIterator = _Form("AsyncIterator", _abc.AsyncIterator)
AsyncGenerator = _Form("AsyncGenerator", _abc.AsyncGenerator)
KeysView = _Form("KeysView", _abc.KeysView)
ValuesView = _Form("ValuesView", _abc.ValuesView)
ItemsView = _Form("ItemsView", _abc.ItemsView)
ByteString = _Form("ByteString", _abc.ByteString)
ContextManager = _Form("ContextManager")
AsyncContextManager = _Form("AsyncContextManager")
Pattern = _Form("Pattern")
Match = _Form("Match")
Text = str
IO = _Form("IO")
TextIO = _Form("TextIO")
BinaryIO = _Form("BinaryIO")


class TypeVar:
    def __init__(self, name, *constraints, bound=None, covariant=False, contravariant=False, default=None, infer_variance=False):
        self.__name__ = name
        self.__constraints__ = constraints
        self.__bound__ = bound
        self.__covariant__ = covariant
        self.__contravariant__ = contravariant

    def __or__(self, other):
        return Union[self, other]

    def __ror__(self, other):
        return Union[other, self]

    def __repr__(self):
        return ("+" if self.__covariant__ else "-" if self.__contravariant__ else "~") + self.__name__


class TypeVarTuple(TypeVar):
    def __iter__(self):
        yield self


class ParamSpec(TypeVar):
    @property
    def args(self):
        return self

    @property
    def kwargs(self):
        return self


class Generic:
    def __class_getitem__(cls, parameters):
        return _GenericAlias(cls, parameters) if cls is not Generic else _Erased()


class _Erased:
    def __mro_entries__(self, bases):
        return (Generic,)

    def __or__(self, other):
        return Union[self, other]


class _ProtocolErased:
    def __mro_entries__(self, bases):
        return (Protocol,)


class Protocol:
    def __class_getitem__(cls, parameters):
        return _GenericAlias(cls, parameters) if cls is not Protocol else _ProtocolErased()


class SupportsInt(Protocol):
    pass


class SupportsFloat(Protocol):
    pass


class SupportsIndex(Protocol):
    pass


class SupportsAbs(Protocol):
    pass


class SupportsRound(Protocol):
    pass


class SupportsBytes(Protocol):
    pass


class ForwardRef:
    def __init__(self, arg, *args, **kwargs):
        self.__forward_arg__ = arg

    def __repr__(self):
        return f"ForwardRef({self.__forward_arg__!r})"


class NewType:
    def __init__(self, name, tp):
        self.__name__ = name
        self.__supertype__ = tp

    def __call__(self, x):
        return x

    def __or__(self, other):
        return Union[self, other]

    def __repr__(self):
        return f"{self.__name__}"


def overload(func):
    return func


def final(f):
    return f


def override(f):
    return f


def no_type_check(arg):
    return arg


def runtime_checkable(cls):
    return cls


def runtime(cls):
    return cls


def dataclass_transform(**kwargs):
    return lambda cls: cls


def deprecated(message, /, **kwargs):
    return lambda arg: arg


def assert_never(arg, /):
    value = repr(arg)
    raise AssertionError(f"Expected code to be unreachable, but got: {value}")


def assert_type(val, typ, /):
    return val


def reveal_type(obj, /):
    return obj


def get_type_hints(obj, globalns=None, localns=None, include_extras=False):
    hints = {}
    for base in reversed(getattr(obj, "__mro__", (obj,))):
        hints.update(getattr(base, "__annotations__", {}) if base is obj else base.__dict__.get("__annotations__", {}))
    return hints


def get_origin(tp):
    if isinstance(tp, _UnionType):
        return _UnionType
    if isinstance(tp, _Alias) and tp._form._name == "Annotated":
        return Annotated
    return getattr(tp, "__origin__", None)


def get_args(tp):
    return getattr(tp, "__args__", ())


def is_typeddict(tp):
    return isinstance(tp, _TypedDictMeta)


class _NamedTupleMeta(type):
    def __new__(metacls, typename, bases, namespace):
        if typename == "NamedTuple":
            return super().__new__(metacls, typename, bases, namespace)
        fields = namespace.get("__annotations__", {})
        defaults = [namespace[name] for name in fields if name in namespace]
        made = _collections.namedtuple(typename, fields, defaults=defaults, module=namespace.get("__module__"))
        made.__annotations__ = dict(fields)
        for key, value in namespace.items():
            if key not in fields and key not in ("__module__", "__qualname__", "__annotations__", "__classcell__"):
                setattr(made, key, value)
        return made


class NamedTuple(metaclass=_NamedTupleMeta):
    def __new__(cls, typename, fields=None, /, **kwargs):
        fields = list(fields if fields is not None else kwargs.items())
        made = _collections.namedtuple(typename, [name for name, _ in fields])
        made.__annotations__ = dict(fields)
        return made


class _TypedDictMeta(type):
    def __new__(metacls, name, bases, namespace, total=True, closed=None, extra_items=None):
        if name == "TypedDict":
            return super().__new__(metacls, name, bases, namespace)
        annotations = {}
        for base in bases:
            annotations.update(base.__dict__.get("__annotations__", {}))
        annotations.update(namespace.get("__annotations__", {}))
        made = super().__new__(metacls, name, (dict,), {**namespace, "__annotations__": annotations})
        made.__total__ = total
        made.__required_keys__ = frozenset(annotations if total else ())
        made.__optional_keys__ = frozenset(() if total else annotations)
        return made

    def __call__(cls, *args, **kwargs):
        if cls.__name__ == "TypedDict":
            name, fields = args[0], args[1] if len(args) > 1 else kwargs
            return _TypedDictMeta(name, (), {"__annotations__": dict(fields)})
        return dict(*args, **kwargs)


class TypedDict(metaclass=_TypedDictMeta):
    pass


__all__ = [name for name in {**vars(_typing), **globals()} if not name.startswith("_")]
