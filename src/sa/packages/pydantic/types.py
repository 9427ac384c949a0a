"""Types of fields."""
import pathlib as _pathlib
import typing as _typing
import uuid as _uuid
from typing import Annotated as _Annotated

from _aludel import refuse

from ._schema import _text, build, invalid as _invalid
from ._support import AllowInfNan, Constraint, Strict, StringConstraints


class _SecretBase:
    def __init__(self, secret_value):
        self._secret_value = secret_value

    def get_secret_value(self):
        return self._secret_value

    def __eq__(self, other):
        return isinstance(other, type(self)) and self._secret_value == other._secret_value

    def __hash__(self):
        return hash(self._secret_value)

    def __str__(self):
        return str(self._display())

    def __repr__(self):
        return f"{type(self).__name__}({self._display()!r})"

    def _display(self):
        return "**********" if self._secret_value else ""


class SecretStr(_SecretBase):
    def __len__(self):
        return len(self._secret_value)

    @classmethod
    def __aludel_validate__(cls, value, strict, context):
        if isinstance(value, cls):
            return value
        return cls(_text(value, strict))


class SecretBytes(_SecretBase):
    def __len__(self):
        return len(self._secret_value)

    def _display(self):
        return b"**********" if self._secret_value else b""

    @classmethod
    def __aludel_validate__(cls, value, strict, context):
        if isinstance(value, cls):
            return value
        return cls(_of_bytes(value, strict))


def _of_bytes(value, strict):
    from ._schema import _bytes

    return _bytes(value, strict)


class Secret(_SecretBase):
    def __class_getitem__(cls, item):
        return _SecretOf(cls, item)

    def _display(self):
        return "**********" if self._secret_value else ""


class _SecretOf:
    """`Secret[int]`."""

    def __init__(self, cls, item):
        self.__args__ = (item,)
        self._cls = cls
        self.__origin__ = self

    def __aludel_form__(self, arguments, context):
        inner = build(arguments[0], context)
        cls = self._cls
        return lambda value, strict: value if isinstance(value, cls) else cls(inner(value, strict))

    def __call__(self, value):
        return self._cls(value)

    def __mro_entries__(self, bases):
        return (self._cls,)

    def __or__(self, other):
        return _typing.Union[self, other]


PositiveInt = _Annotated[int, Constraint("gt", 0)]
NegativeInt = _Annotated[int, Constraint("lt", 0)]
NonNegativeInt = _Annotated[int, Constraint("ge", 0)]
NonPositiveInt = _Annotated[int, Constraint("le", 0)]
PositiveFloat = _Annotated[float, Constraint("gt", 0)]
NegativeFloat = _Annotated[float, Constraint("lt", 0)]
NonNegativeFloat = _Annotated[float, Constraint("ge", 0)]
NonPositiveFloat = _Annotated[float, Constraint("le", 0)]
FiniteFloat = _Annotated[float, AllowInfNan(False)]
StrictStr = _Annotated[str, Strict()]
StrictInt = _Annotated[int, Strict()]
StrictBool = _Annotated[bool, Strict()]
StrictFloat = _Annotated[float, Strict()]
StrictBytes = _Annotated[bytes, Strict()]


def _constrained(kind, given):
    found = [Constraint(name, value) for name, value in given.items() if value is not None]
    return _Annotated[(kind, *found)] if found else kind


def conint(*, strict=None, gt=None, ge=None, lt=None, le=None, multiple_of=None):
    return _constrained(int, {"strict": strict, "multiple_of": multiple_of, "le": le, "lt": lt, "ge": ge, "gt": gt})


def confloat(*, strict=None, gt=None, ge=None, lt=None, le=None, multiple_of=None, allow_inf_nan=None):
    return _constrained(
        float, {"strict": strict, "multiple_of": multiple_of, "le": le, "lt": lt, "ge": ge, "gt": gt, "allow_inf_nan": allow_inf_nan}
    )


def constr(*, strip_whitespace=None, to_upper=None, to_lower=None, strict=None, min_length=None, max_length=None, pattern=None, ascii_only=None):
    return _Annotated[
        str,
        StringConstraints(
            strip_whitespace=strip_whitespace, to_upper=to_upper, to_lower=to_lower, strict=strict, min_length=min_length,
            max_length=max_length, pattern=pattern, ascii_only=ascii_only,
        ),
    ]


def conbytes(*, min_length=None, max_length=None, strict=None):
    return _constrained(bytes, {"min_length": min_length, "max_length": max_length, "strict": strict})


def conlist(item_type, *, min_length=None, max_length=None, unique_items=None):
    return _constrained(list[item_type], {"min_length": min_length, "max_length": max_length})


def conset(item_type, *, min_length=None, max_length=None):
    return _constrained(set[item_type], {"min_length": min_length, "max_length": max_length})


def confrozenset(item_type, *, min_length=None, max_length=None):
    return _constrained(frozenset[item_type], {"min_length": min_length, "max_length": max_length})


def condecimal(*, strict=None, gt=None, ge=None, lt=None, le=None, multiple_of=None, max_digits=None, decimal_places=None, allow_inf_nan=None):
    from decimal import Decimal

    return _constrained(
        Decimal,
        {"strict": strict, "multiple_of": multiple_of, "le": le, "lt": lt, "ge": ge, "gt": gt, "max_digits": max_digits, "decimal_places": decimal_places},
    )


class PathType:
    def __init__(self, path_type):
        self.path_type = path_type

    def __aludel_wrap__(self, inner, annotation, context):
        def check(value, strict):
            path = inner(value, strict)
            if self.path_type == "file" and not path.is_file():
                raise _invalid("path_not_file", "Path does not point to a file", value)
            if self.path_type == "dir" and not path.is_dir():
                raise _invalid("path_not_directory", "Path does not point to a directory", value)
            if self.path_type == "new":
                if path.exists():
                    raise _invalid("path_exists", "Path already exists", value)
                if not path.parent.exists():
                    raise _invalid("parent_does_not_exist", "Parent directory does not exist", value)
            return path

        return check


FilePath = _Annotated[_pathlib.Path, PathType("file")]
DirectoryPath = _Annotated[_pathlib.Path, PathType("dir")]
NewPath = _Annotated[_pathlib.Path, PathType("new")]


class UuidVersion:
    def __init__(self, uuid_version):
        self.uuid_version = uuid_version

    def __aludel_wrap__(self, inner, annotation, context):
        def check(value, strict):
            made = inner(value, strict)
            if made.version != self.uuid_version:
                raise _invalid("uuid_version", f"UUID version {self.uuid_version} expected", value)
            return made

        return check


UUID1 = _Annotated[_uuid.UUID, UuidVersion(1)]
UUID3 = _Annotated[_uuid.UUID, UuidVersion(3)]
UUID4 = _Annotated[_uuid.UUID, UuidVersion(4)]
UUID5 = _Annotated[_uuid.UUID, UuidVersion(5)]


class Json:
    """A text in JSON."""

    __aludel_json__ = True

    def __class_getitem__(cls, item):
        return _Annotated[item, cls()]

    def __aludel_wrap__(self, inner, annotation, context):
        return lambda value, strict: inner(_loaded(value), strict)

    @classmethod
    def __aludel_validate__(cls, value, strict, context):
        return _loaded(value)


def _loaded(value):
    import json

    if not isinstance(value, (str, bytes)):
        raise _invalid("json_type", "JSON input should be string, bytes or bytearray", value)
    try:
        return json.loads(value)
    except ValueError as error:
        raise _invalid("json_invalid", f"Invalid JSON: {error}", value) from None


class FailFast:
    def __init__(self, fail_fast=True):
        self.fail_fast = fail_fast


JsonValue = _typing.Any
