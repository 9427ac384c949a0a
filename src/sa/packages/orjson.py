"""orjson: the standard library's `json`, to bytes and without spaces. What the two write differently is refused."""
import dataclasses
import datetime
import enum
import json
import uuid

from _aludel import refuse

OPT_INDENT_2 = 1
OPT_NAIVE_UTC = 2
OPT_NON_STR_KEYS = 4
OPT_OMIT_MICROSECONDS = 8
OPT_PASSTHROUGH_DATACLASS = 2048
OPT_PASSTHROUGH_DATETIME = 512
OPT_PASSTHROUGH_SUBCLASS = 256
OPT_SERIALIZE_DATACLASS = 0
OPT_SERIALIZE_NUMPY = 16
OPT_SERIALIZE_UUID = 0
OPT_SORT_KEYS = 32
OPT_STRICT_INTEGER = 64
OPT_UTC_Z = 128
OPT_APPEND_NEWLINE = 1024

JSONDecodeError = json.JSONDecodeError


JSONEncodeError = TypeError


def _integer(text):
    value = int(text)
    if not -(2**63) <= value < 2**64:
        refuse("`orjson.loads` of an integer of more than 64 bits")
    return value


def _constant(text):
    raise JSONDecodeError("unexpected character", text, 0)


def loads(value, /):
    if isinstance(value, bytes) or type(value).__name__ in ("bytearray", "memoryview"):
        value = bytes(value).decode()
    if not isinstance(value, str):
        raise JSONDecodeError("Input must be bytes, bytearray, memoryview, or str", "", 0)
    return json.loads(value, parse_int=_integer, parse_constant=_constant)


def _plain(value, default):
    """A value of the kinds that `json` writes as orjson does."""
    if value is None or value is True or value is False:
        return value
    if isinstance(value, enum.Enum):
        return _plain(value.value, default)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        if not -(2**63) <= value < 2**64:
            raise JSONEncodeError("Integer exceeds 64-bit range")
        return int(value)
    if isinstance(value, float):
        if "e" in repr(value):
            refuse("`orjson.dumps` of a number with an exponent")
        return None if "n" in repr(value) else value
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise JSONEncodeError("Dict key must be str")
        return {str(key): _plain(item, default) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, default) for item in value]
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name), default) for field in dataclasses.fields(value) if not field.name.startswith("_")}
    if default is None:
        raise JSONEncodeError(f"Type is not JSON serializable: {type(value).__name__}")
    return _plain(default(value), default)


def dumps(value, /, default=None, option=None):
    option = option or 0
    if option & ~(OPT_INDENT_2 | OPT_SORT_KEYS | OPT_APPEND_NEWLINE):
        refuse("an option of `orjson.dumps`")
    indent = 2 if option & OPT_INDENT_2 else None
    separators = (",", ": ") if indent else (",", ":")
    text = json.dumps(_plain(value, default), ensure_ascii=False, indent=indent, separators=separators, sort_keys=bool(option & OPT_SORT_KEYS))
    return (text + "\n" if option & OPT_APPEND_NEWLINE else text).encode()
