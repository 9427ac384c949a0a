"""What checks a value against an annotation: functions of a value and how strict to be (`LAX`, `STRICT`, `EXACT`)."""
import collections as _collections
import collections.abc as _abc
import datetime as _datetime
import decimal as _decimal
import enum as _enum
import json as _json
import pathlib as _pathlib
import re as _re
import types as _types
import typing as _typing
import uuid as _uuid

from _aludel import arity, evaluate, is_unresolved, refuse

from ._support import (
    AfterValidator,
    AllowInfNan,
    BeforeValidator,
    Constraint,
    Discriminator,
    FieldInfo,
    InstanceOf,
    Invalid,
    PydanticCustomError,
    SkipValidation,
    Strict,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    _Inert,
    SerializeAsAny,
    invalid,
    raw_function,
)

LAX, STRICT, EXACT = 0, 1, 2
_NONE = type(None)
_INTEGER = _re.compile(r"[+-]?\d+(?:_\d+)*(?:\.0+)?")
_NUMBER = _re.compile(r"[+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:inf|infinity|nan)", _re.I)
_TRUE = ("1", "on", "t", "true", "y", "yes")
_FALSE = ("0", "off", "f", "false", "n", "no")


class Context:
    """Of which class the annotations are."""

    def __init__(self, config, owner=None):
        self.config = config
        self.owner = owner
        self.field = None
        self.data = {}

    def info(self):
        return ValidationInfo(self.data, self.field, self.config)


def unannotated(annotation):
    """What `Annotated[…]` is about, and what it adds, the inner first."""
    extra = ()
    while not is_unresolved(annotation) and _typing.get_origin(annotation) is _typing.Annotated:
        extra = (*annotation.__metadata__, *extra)
        annotation = annotation.__origin__
    return annotation, extra


def is_union(annotation):
    if is_unresolved(annotation) or annotation is None or isinstance(annotation, (str, type)):
        return False
    origin = _typing.get_origin(annotation)
    return origin is _typing.Union or origin is _types.UnionType


def resolved(annotation, owner):
    """An annotation that is a text, evaluated where its class stands."""
    import sys

    if is_unresolved(annotation) or not isinstance(annotation, str):
        forward = None if is_unresolved(annotation) or isinstance(annotation, type) else getattr(annotation, "__forward_arg__", None)
        if not isinstance(forward, str):
            return annotation
        annotation = forward
    module = sys.modules.get(owner.__module__)
    names = dict(vars(module)) if module is not None else {}
    names[owner.__name__] = owner
    for name, value in vars(owner).items():
        if isinstance(value, type):
            names.setdefault(name, value)
    try:
        return evaluate(annotation, names)
    except NameError as error:
        refuse(f"the annotation `{annotation}` ({error})")


def build(annotation, context):
    annotation = resolved(annotation, context.owner) if context.owner is not None else annotation
    if is_unresolved(annotation):
        _needed(annotation)
    if _typing.get_origin(annotation) is _typing.Annotated:
        inner, extra = unannotated(annotation)
        return with_metadata(build(inner, context), inner, extra, context)
    if annotation is None or annotation is _NONE:
        return _none
    if is_union(annotation):
        return _union(_typing.get_args(annotation), context)
    if annotation is _typing.Any or annotation is object:
        return _any
    if isinstance(annotation, type) and _typing.get_origin(annotation) is None:
        return _of_class(annotation, context)
    return _of_form(annotation, context)


def _needed(annotation):
    refuse(f"an annotation that could not be evaluated ({_shown(annotation)})")


def _shown(annotation):
    return getattr(annotation, "__name__", "") if isinstance(annotation, type) else "it is not modelled, or its import failed"


def _any(value, strict):
    return value


def _none(value, strict):
    if value is not None:
        raise invalid("none_required", "Input should be None", value)


def _text(value, strict):
    if type(value) is str:
        return value
    if isinstance(value, str):
        if strict == EXACT:
            raise invalid("string_type", "Input should be a valid string", value)
        if isinstance(value, _enum.Enum):
            return value.value
        return str.__str__(value)
    if isinstance(value, _enum.Enum) and isinstance(value.value, str) and not strict:
        return value.value
    if isinstance(value, bytes) and not strict:
        try:
            return bytes(value).decode()
        except UnicodeDecodeError:
            message = "Input should be a valid string, unable to parse raw data as a unicode string"
            raise invalid("string_unicode", message, value) from None
    raise invalid("string_type", "Input should be a valid string", value)


def _coerced_text(value, strict):
    if isinstance(value, (int, float, _decimal.Decimal)) and not isinstance(value, bool) and not strict:
        return str(value)
    return _text(value, strict)


def _decoded(value):
    """Bytes are read as the text that they are."""
    if isinstance(value, bytes):
        try:
            return bytes(value).decode()
        except UnicodeDecodeError:
            return None
    return value


def _integer(value, strict):
    if type(value) is int:
        return value
    if strict:
        if isinstance(value, int) and not isinstance(value, bool) and strict == STRICT:
            return int(value)
        raise invalid("int_type", "Input should be a valid integer", value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, (float, _decimal.Decimal)):
        if value != value or value in (float("inf"), float("-inf")):
            raise invalid("finite_number", "Input should be a finite number", value)
        if value != int(value):
            raise invalid("int_from_float", "Input should be a valid integer, got a number with a fractional part", value)
        return int(value)
    text = _decoded(value)
    if isinstance(text, _enum.Enum):
        refuse("an enum member for a field of type `int`")
    if isinstance(text, str):
        text = text.strip()
        if _INTEGER.fullmatch(text):
            return int(text.split(".")[0])
        message = "Input should be a valid integer, unable to parse string as an integer"
        raise invalid("int_parsing", message, value)
    raise invalid("int_type", "Input should be a valid integer", value)


def _number(value, strict):
    if type(value) is float:
        return value
    if strict == EXACT:
        raise invalid("float_type", "Input should be a valid number", value)
    if isinstance(value, (int, float)) and not (strict and isinstance(value, bool)):
        return float(value)
    if not strict:
        if isinstance(value, _decimal.Decimal):
            return float(value)
        text = _decoded(value)
        if isinstance(text, _enum.Enum):
            refuse("an enum member for a field of type `float`")
        if isinstance(text, str):
            if _NUMBER.fullmatch(text.strip()):
                return float(text.strip().replace("_", ""))
            message = "Input should be a valid number, unable to parse string as a number"
            raise invalid("float_parsing", message, value)
    raise invalid("float_type", "Input should be a valid number", value)


def _boolean(value, strict):
    if isinstance(value, bool):
        return value
    if not strict:
        text = _decoded(value)
        if isinstance(text, str):
            if text.lower() in _TRUE:
                return True
            if text.lower() in _FALSE:
                return False
            raise invalid("bool_parsing", "Input should be a valid boolean, unable to interpret input", value)
        if isinstance(value, int) or (isinstance(value, float) and value == int(value)):
            if value in (0, 1):
                return value == 1
            raise invalid("bool_parsing", "Input should be a valid boolean, unable to interpret input", value)
    raise invalid("bool_type", "Input should be a valid boolean", value)


def _bytes(value, strict):
    if type(value) is bytes:
        return value
    if isinstance(value, str) and not strict:
        return value.encode()
    if isinstance(value, bytes) and not strict:
        return bytes(value)
    raise invalid("bytes_type", "Input should be a valid bytes", value)


def _path(value, strict):
    if isinstance(value, _pathlib.PurePath):
        return value
    if isinstance(value, str) and not strict:
        return _pathlib.Path(value)
    raise invalid("path_type", "Input is not a valid path for <class 'pathlib.Path'>", value)


def _uuid_of(value, strict):
    if isinstance(value, _uuid.UUID):
        return value
    if isinstance(value, str) and not strict:
        try:
            return _uuid.UUID(value)
        except ValueError:
            raise invalid("uuid_parsing", "Input should be a valid UUID", value) from None
    if isinstance(value, bytes) and not strict:
        refuse("a UUID from bytes")
    raise invalid("uuid_type", "UUID input should be a string, bytes or UUID object", value)


def _decimal_of(value, strict):
    if isinstance(value, _decimal.Decimal):
        return value
    if isinstance(value, (int, float, str)) and not isinstance(value, bool) and not strict:
        try:
            return _decimal.Decimal(str(value).strip() if not isinstance(value, int) else value)
        except _decimal.InvalidOperation:
            raise invalid("decimal_parsing", "Input should be a valid decimal", value) from None
    message = "Decimal input should be an integer, float, string or Decimal object"
    raise invalid("decimal_type", message, value)


_ISO = _re.compile(r"\d{4}-\d\d-\d\d(?:[T _]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?)?")


def _moment(value, strict):
    if isinstance(value, _datetime.datetime):
        return value
    if not strict:
        if isinstance(value, _datetime.date):
            return _datetime.datetime(value.year, value.month, value.day)
        if isinstance(value, str) and _ISO.fullmatch(value):
            try:
                return _datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
            except ValueError:
                raise invalid("datetime_parsing", "Input should be a valid datetime", value) from None
        refuse("a moment that is not written as in ISO 8601")
    raise invalid("datetime_type", "Input should be a valid datetime", value)


def _date(value, strict):
    if isinstance(value, _datetime.date) and not isinstance(value, _datetime.datetime):
        return value
    if isinstance(value, str) and not strict and _re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        try:
            return _datetime.date.fromisoformat(value)
        except ValueError:
            raise invalid("date_parsing", "Input should be a valid date in the format YYYY-MM-DD", value) from None
    if strict:
        raise invalid("date_type", "Input should be a valid date", value)
    refuse("a date that is not written as in ISO 8601")


def _time(value, strict):
    if isinstance(value, _datetime.time):
        return value
    if isinstance(value, str) and not strict and _re.fullmatch(r"\d\d:\d\d(:\d\d)?", value):
        try:
            return _datetime.time.fromisoformat(value)
        except ValueError:
            raise invalid("time_parsing", "Input should be in a valid time format", value) from None
    if strict:
        raise invalid("time_type", "Input should be a valid time", value)
    refuse("a time that is not written as in ISO 8601")


def _duration(value, strict):
    if isinstance(value, _datetime.timedelta):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and not strict:
        return _datetime.timedelta(seconds=value)
    if strict:
        raise invalid("time_delta_type", "Input should be a valid timedelta", value)
    refuse("a duration that is written as a text")


def _callable(value, strict):
    if callable(value):
        return value
    raise invalid("callable_type", "Input should be callable", value)


def _pattern(value, strict):
    if isinstance(value, str):
        return _re.compile(value)
    return value


_CLASSES = {
    str: _text,
    int: _integer,
    float: _number,
    bool: _boolean,
    bytes: _bytes,
    _pathlib.Path: _path,
    _uuid.UUID: _uuid_of,
    _decimal.Decimal: _decimal_of,
    _datetime.datetime: _moment,
    _datetime.date: _date,
    _datetime.time: _time,
    _datetime.timedelta: _duration,
    _abc.Callable: _callable,
    _re.Pattern: _pattern,
}


def _of_class(cls, context):
    if is_unresolved(cls):
        _needed(cls)
    if cls is str and context.config.get("coerce_numbers_to_str"):
        return _shaped_text(_coerced_text, context.config)
    if cls is str:
        return _shaped_text(_text, context.config)
    known = _CLASSES.get(cls)
    if known is not None:
        return known
    if cls in (list, set, frozenset, tuple, dict, _collections.deque):
        return _container(cls, (), context)
    if cls in (_abc.Sequence, _abc.Mapping, _abc.MutableMapping, _abc.Set, _abc.MutableSequence, _abc.MutableSet):
        return _container(cls, (), context)
    if cls in (_abc.Iterable, _abc.Iterator, _abc.Generator):
        refuse("an iterable as the type of a field")
    if cls is type:
        return _type
    of_model = getattr(cls, "__aludel_validate__", None)
    if of_model is not None:
        return lambda value, strict: of_model(value, strict, context)
    if issubclass(cls, _enum.Enum):
        return _member(cls)
    if hasattr(cls, "__get_pydantic_core_schema__") or hasattr(cls, "__get_validators__"):
        refuse(f"`{cls.__name__}`, which has a schema of its own, as the type of a field")
    if hasattr(cls, "__dataclass_fields__") or (issubclass(cls, tuple) and cls is not tuple) or hasattr(cls, "__required_keys__"):
        refuse(f"`{cls.__name__}` as the type of a field")
    if issubclass(cls, (str, int, float, bytes, dict, list, set)) or not context.config.get("arbitrary_types_allowed"):
        refuse(f"`{cls.__name__}` as the type of a field")
    return _instance(cls)


def _instance(cls):
    def check(value, strict):
        if not isinstance(value, cls):
            raise invalid("is_instance_of", f"Input should be an instance of {cls.__name__}", value)
        return value

    return check


def _type(value, strict):
    if not isinstance(value, type):
        raise invalid("is_type", "Input should be a type", value)
    return value


def _listed(items):
    shown = [repr(item) for item in items]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"


def _member(cls):
    def check(value, strict):
        if isinstance(value, cls):
            return value
        if not strict:
            for member in cls:
                if member.value == value and (type(member.value) is type(value) or not isinstance(value, (bool, int, float))):
                    return member
            if isinstance(value, str) and issubclass(cls, int):
                try:
                    return check(int(value), strict)
                except ValueError:
                    pass
            if type(cls).__dict__.get("_missing_") is not None or "_missing_" in vars(cls):
                try:
                    return cls(value)
                except ValueError:
                    pass
        raise invalid("enum", f"Input should be {_listed([member.value for member in cls])}", value)

    return check


def _literal(choices):
    flat = []
    for choice in choices:
        if is_unresolved(choice):
            refuse("a literal that could not be evaluated")
        origin = None if isinstance(choice, (str, int, bytes, type(None), _enum.Enum)) else _typing.get_origin(choice)
        flat.extend(_typing.get_args(choice) if origin is _typing.Literal else (choice,))

    def check(value, strict):
        for choice in flat:
            if type(choice) is type(value) and choice == value:
                return choice
        if not strict:
            for choice in flat:
                if isinstance(choice, _enum.Enum) and choice.value == value:
                    return choice
                if isinstance(choice, int) and isinstance(value, bool) and choice == value:
                    return choice
                if isinstance(value, _enum.Enum) and isinstance(value, str) and value.value == choice:
                    return choice
        shown = [choice.value if isinstance(choice, _enum.Enum) else choice for choice in flat]
        raise invalid("literal_error", f"Input should be {_listed(shown)}", value)

    return check


def _limits(item):
    """Whether something of `Annotated` is a limit of a number or a text."""
    found = item.metadata if isinstance(item, FieldInfo) else [item]
    return any(isinstance(part, StringConstraints) or (isinstance(part, Constraint) and part.name != "strict") for part in found)


def _label(annotation):
    annotation, extra = unannotated(annotation)
    origin = _typing.get_origin(annotation)
    if annotation in (str, int, float) and any(_limits(item) for item in extra):
        return f"constrained-{annotation.__name__}"
    if origin is None:
        return getattr(annotation, "__name__", str(annotation))
    if origin is _typing.Literal:
        return f"literal[{','.join(repr(item) for item in _typing.get_args(annotation))}]"
    return f"{getattr(origin, '__name__', origin)}[{','.join(_label(item) for item in _typing.get_args(annotation))}]"


def _union(members, context):
    is_optional = any(member is _NONE or member is None for member in members)
    rest = [member for member in members if member is not _NONE and member is not None]
    if len(rest) == 1:
        inner = build(rest[0], context)
        if not is_optional:
            return inner
        return lambda value, strict: None if value is None else inner(value, strict)
    checks = [(build(member, context), member) for member in rest]
    models = [member for member in rest if not is_unresolved(member) and hasattr(unannotated(member)[0], "__aludel_validate__")]

    def check(value, strict):
        if value is None and is_optional:
            return None
        if len(models) > 1 and isinstance(value, dict):
            refuse("a choice between several models")
        for level in (EXACT, STRICT, LAX):
            if level < strict:
                break
            lines = []
            for inner, member in checks:
                try:
                    return inner(value, level)
                except Invalid as error:
                    lines.extend(error.below(_label(member)).lines)
        raise Invalid(lines)

    return check


def _of_form(annotation, context):
    if isinstance(annotation, _typing.TypeVar):
        if annotation.__bound__ is not None:
            return build(annotation.__bound__, context)
        if annotation.__constraints__:
            return _union(annotation.__constraints__, context)
        return _any
    if isinstance(annotation, _typing.NewType):
        return build(annotation.__supertype__, context)
    value = getattr(annotation, "__value__", None)
    if value is not None:
        return build(value, context)
    origin, arguments = _typing.get_origin(annotation), _typing.get_args(annotation)
    if is_unresolved(origin):
        _needed(origin)
    if origin is _typing.Literal:
        return _literal(arguments)
    if origin is _typing.Final and arguments:
        return build(arguments[0], context)
    if origin is type:
        return _subclass(arguments, context)
    if origin is _abc.Callable:
        return _callable
    if origin is _re.Pattern or annotation is _typing.Pattern:
        return _pattern
    special = getattr(origin, "__aludel_form__", None)
    if special is not None:
        return special(arguments, context)
    if isinstance(origin, type):
        if origin in (list, set, frozenset, tuple, dict, _collections.deque) or origin.__module__ in ("collections.abc", "typing"):
            return _container(origin, arguments, context)
    refuse(f"`{annotation!r}` as the type of a field")


def _subclass(arguments, context):
    wanted = arguments[0] if arguments else None
    if not isinstance(wanted, type):
        return _type

    def check(value, strict):
        if not isinstance(value, type) or not issubclass(value, wanted):
            raise invalid("is_subclass_of", f"Input should be a subclass of {wanted.__name__}", value)
        return value

    return check


_KINDS = {
    list: ("list", (tuple, set, frozenset, _collections.deque)),
    set: ("set", (list, tuple, frozenset, _collections.deque)),
    frozenset: ("frozenset", (list, tuple, set, _collections.deque)),
    tuple: ("tuple", (list, set, frozenset, _collections.deque)),
    _collections.deque: ("deque", (list, tuple, set, frozenset)),
}


def _items(checks, value, strict):
    made, lines = [], []
    for place, item in enumerate(value):
        try:
            made.append(checks(item, strict))
        except Invalid as error:
            lines.extend(error.below(place).lines)
    if lines:
        raise Invalid(lines)
    return made


def _container(origin, arguments, context):
    if origin in (dict, _abc.Mapping, _abc.MutableMapping, _collections.OrderedDict, _collections.defaultdict):
        if origin not in (dict, _abc.Mapping, _abc.MutableMapping):
            refuse(f"`{origin.__name__}` as the type of a field")
        return _mapping(arguments, context)
    if origin is tuple and arguments and not (len(arguments) == 2 and arguments[1] is Ellipsis):
        return _record(arguments, context)
    inner = build(arguments[0], context) if arguments else _any
    if origin in (_abc.Sequence, _abc.MutableSequence):
        return _sequence(inner)
    if origin in (_abc.Set, _abc.MutableSet):
        origin = set
    if origin not in _KINDS:
        refuse(f"`{getattr(origin, '__name__', origin)}` as the type of a field")
    name, others = _KINDS[origin]

    def check(value, strict):
        if not isinstance(value, origin):
            if strict or isinstance(value, (str, bytes, dict)) or not hasattr(type(value), "__iter__"):
                raise invalid(f"{name}_type", f"Input should be a valid {name}", value)
            if not isinstance(value, others) and not isinstance(value, (range, _types.GeneratorType)):
                refuse(f"a value of type `{type(value).__name__}` for a {name}")
        made = _items(inner, value, strict)
        return made if origin is list else origin(made)

    return check


def _sequence(inner):
    def check(value, strict):
        if isinstance(value, (str, bytes)):
            name = type(value).__name__
            raise invalid("sequence_str", f"'{name}' instances are not allowed as a Sequence value", value)
        if isinstance(value, (list, tuple)):
            return type(value)(_items(inner, value, strict))
        if isinstance(value, (set, frozenset, dict)):
            raise invalid("is_instance_of", "Input should be an instance of Sequence", value)
        refuse(f"a value of type `{type(value).__name__}` for a sequence")

    return check


def _record(arguments, context):
    checks = [build(argument, context) for argument in arguments]

    def check(value, strict):
        if not isinstance(value, (tuple, list)) or (strict and not isinstance(value, tuple)):
            raise invalid("tuple_type", "Input should be a valid tuple", value)
        made, lines = [], []
        for place, inner in enumerate(checks):
            if place >= len(value):
                lines.append(("missing", (place,), "Field required", value, None))
                continue
            try:
                made.append(inner(value[place], strict))
            except Invalid as error:
                lines.extend(error.below(place).lines)
        if len(value) > len(checks):
            count = len(checks)
            message = f"Tuple should have at most {count} item{'' if count == 1 else 's'} after validation, not {len(value)}"
            raise invalid("too_long", message, value)
        if lines:
            raise Invalid(lines)
        return tuple(made)

    return check


def _mapping(arguments, context):
    keys, values = (build(argument, context) for argument in arguments) if len(arguments) == 2 else (_any, _any)

    def check(value, strict):
        if not isinstance(value, dict):
            raise invalid("dict_type", "Input should be a valid dictionary", value)
        made, lines = {}, []
        for key, item in value.items():
            try:
                found = keys(key, strict)
            except Invalid as error:
                lines.extend(error.below("[key]").below(key).lines)
                continue
            try:
                made[found] = values(item, strict)
            except Invalid as error:
                lines.extend(error.below(key).lines)
        if lines:
            raise Invalid(lines)
        return made

    return check


def _shaped_text(inner, config):
    """What a model's configuration does to every text."""
    strip = config.get("str_strip_whitespace")
    lower, upper = config.get("str_to_lower"), config.get("str_to_upper")
    shortest, longest = config.get("str_min_length"), config.get("str_max_length")
    if not (strip or lower or upper or shortest or longest):
        return inner

    def check(value, strict):
        made = inner(value, strict)
        return _text_within(made, {"strip_whitespace": strip, "to_lower": lower, "to_upper": upper, "min_length": shortest, "max_length": longest}, value)

    return check


def _plural(count, word):
    return f"{count} {word}{'' if count == 1 else 's'}"


def _text_within(made, given, value):
    if given.get("strip_whitespace"):
        made = made.strip()
    shortest, longest, pattern = given.get("min_length"), given.get("max_length"), given.get("pattern")
    if shortest is not None and len(made) < shortest:
        raise invalid("string_too_short", f"String should have at least {_plural(shortest, 'character')}", value)
    if longest is not None and len(made) > longest:
        raise invalid("string_too_long", f"String should have at most {_plural(longest, 'character')}", value)
    if pattern is not None:
        compiled = _re.compile(pattern) if isinstance(pattern, str) else pattern
        if not compiled.search(made):
            raise invalid("string_pattern_mismatch", f"String should match pattern '{compiled.pattern}'", value)
    if given.get("to_lower"):
        made = made.lower()
    if given.get("to_upper"):
        made = made.upper()
    return made


_COMPARED = {
    "gt": ("greater_than", "Input should be greater than {}", lambda value, limit: value > limit),
    "ge": ("greater_than_equal", "Input should be greater than or equal to {}", lambda value, limit: value >= limit),
    "lt": ("less_than", "Input should be less than {}", lambda value, limit: value < limit),
    "le": ("less_than_equal", "Input should be less than or equal to {}", lambda value, limit: value <= limit),
    "multiple_of": ("multiple_of", "Input should be a multiple of {}", lambda value, limit: value % limit == 0),
}


def _limited(inner, name, limit, annotation):
    """A check with one of the limits of `Field`."""
    if name in _COMPARED:
        kind, message, holds = _COMPARED[name]

        def compare(value, strict):
            made = inner(value, strict)
            if made is not None and not holds(made, limit):
                raise invalid(kind, message.format(limit), value)
            return made

        return compare
    if name in ("min_length", "max_length", "pattern"):

        def measure(value, strict):
            made = inner(value, strict)
            if made is None:
                return made
            if isinstance(made, str):
                return _text_within(made, {name: limit}, value)
            if hasattr(made, "get_secret_value") or isinstance(made, bytes):
                count = len(made.get_secret_value() if hasattr(made, "get_secret_value") else made)
                word = "String" if not isinstance(made, bytes) else "Data"
                refusal = ("string_too", "character") if word == "String" else ("bytes_too", "byte")
                if name == "min_length" and count < limit:
                    raise invalid("too_short", f"Value should have at least {_plural(limit, 'item')} after validation, not {count}", value)
                if name == "max_length" and count > limit:
                    raise invalid("too_long", f"Value should have at most {_plural(limit, 'item')} after validation, not {count}", value)
                return made
            if not isinstance(made, (list, tuple, set, frozenset, dict)) or name == "pattern":
                refuse(f"`{name}` for a value of type `{type(made).__name__}`")
            word = {list: "List", tuple: "Tuple", set: "Set", frozenset: "Frozenset", dict: "Dictionary"}[type(made)]
            if name == "min_length" and len(made) < limit:
                raise invalid("too_short", f"{word} should have at least {_plural(limit, 'item')} after validation, not {len(made)}", value)
            if name == "max_length" and len(made) > limit:
                raise invalid("too_long", f"{word} should have at most {_plural(limit, 'item')} after validation, not {len(made)}", value)
            return made

        return measure
    if name == "strict":
        return (lambda value, strict: inner(value, max(strict, STRICT))) if limit else inner
    if name == "allow_inf_nan":
        return inner if limit else _finite(inner)
    if name in ("union_mode", "fail_fast"):
        if name == "union_mode" and limit == "smart":
            return inner
        refuse(f"`{name}` of a field")
    if name == "coerce_numbers_to_str":
        return _coerced_text if limit else inner
    refuse(f"`{name}` of a field")


def _finite(inner):
    def check(value, strict):
        made = inner(value, strict)
        if isinstance(made, float) and (made != made or made in (float("inf"), float("-inf"))):
            raise invalid("finite_number", "Input should be a finite number", value)
        return made

    return check


def called(function, *arguments):
    """Calls a validator of the project; what it raises becomes part of the report."""
    try:
        return function(*arguments)
    except Invalid:
        raise
    except ValidationError as error:
        raise Invalid(error._lines) from None
    except PydanticCustomError as error:
        raise invalid(error.type, error.message(), arguments[0], error.context) from None
    except AssertionError as error:
        raise invalid("assertion_error", f"Assertion failed, {error}", arguments[0], {"error": error}) from None
    except ValueError as error:
        raise invalid("value_error", f"Value error, {error}", arguments[0], {"error": error}) from None


def takes_info(function, plain):
    """Whether a validator takes more than it must."""
    known = arity(raw_function(function))
    if known is None:
        return False
    names, defaults, _ = known
    count = len(names) - defaults
    if names and names[0] in ("cls", "self") and getattr(function, "__self__", None) is not None:
        count -= 1
    return count > plain


def with_function(inner, mode, function, context):
    """A check with a function of the project before, after, around or in place of it."""
    info = takes_info(function, 2 if mode == "wrap" else 1)

    def call(*given):
        return called(function, *given, context.info()) if info else called(function, *given)

    if mode == "before":
        return lambda value, strict: inner(call(value), strict)
    if mode == "after":
        return lambda value, strict: call(inner(value, strict))
    if mode == "plain":
        return lambda value, strict: call(value)
    if mode == "wrap":
        return lambda value, strict: call(value, _handler(inner, strict))
    refuse(f"a validator with mode {mode!r}")


def _handler(inner, strict):
    def handle(value, outer_location=None):
        try:
            return inner(value, strict)
        except Invalid as error:
            raise ValidationError("ValidatorCallable", error.lines) from None

    return handle


def with_metadata(inner, annotation, extra, context):
    """A check with what `Annotated` adds, from the inside out."""
    for item in extra:
        if is_unresolved(item):
            refuse("metadata of `Annotated` that could not be evaluated")
        if isinstance(item, FieldInfo):
            inner = with_metadata(inner, annotation, item.metadata, context)
        elif isinstance(item, Constraint):
            inner = _limited(inner, item.name, item.value, annotation)
        elif hasattr(item, "func") and hasattr(item, "mode") and isinstance(item, (BeforeValidator, AfterValidator)):
            inner = with_function(inner, item.mode, item.func, context)
        elif isinstance(item, StringConstraints):
            inner = _with_text(inner, item.given)
        elif isinstance(item, Strict):
            inner = _limited(inner, "strict", item.strict, annotation)
        elif isinstance(item, AllowInfNan):
            inner = _limited(inner, "allow_inf_nan", item.allow_inf_nan, annotation)
        elif isinstance(item, SkipValidation):
            inner = _any
        elif isinstance(item, InstanceOf):
            inner = _instance(annotation)
        elif isinstance(item, Discriminator):
            refuse("a discriminator")
        elif hasattr(item, "__aludel_wrap__"):
            inner = item.__aludel_wrap__(inner, annotation, context)
        elif isinstance(item, (str, _Inert, SerializeAsAny)) or item is None:
            pass
        elif hasattr(item, "__get_pydantic_core_schema__"):
            refuse(f"`{type(item).__name__}` in `Annotated`")
    return inner


def _with_text(inner, given):
    def check(value, strict):
        made = inner(value, max(strict, STRICT) if given.get("strict") else strict)
        return made if made is None else _text_within(made, given, value)

    return check
