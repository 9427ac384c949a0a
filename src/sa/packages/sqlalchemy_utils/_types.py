"""sqlalchemy_utils/types/: every type in one place; `types` and its submodules pass them on."""
import enum
import ipaddress
import uuid

import sqlalchemy as sa
from _aludel import refuse
from sqlalchemy import types
from sqlalchemy.dialects import mssql, postgresql

from .exceptions import ImproperlyConfigured


class Unwritable(types.TypeDecorator):
    """A type whose values only its own Python library can turn into text."""

    def process_bind_param(self, value, dialect):
        if value is None:
            return None
        refuse("a value of the type `sqlalchemy_utils." + type(self).__name__ + "`")

    def process_result_value(self, value, dialect):
        return self.process_bind_param(value, dialect)


class TextOnly(Unwritable):
    """As `Unwritable`, but text is text."""

    def process_bind_param(self, value, dialect):
        return value if isinstance(value, str) else super().process_bind_param(value, dialect)


class EnrichedDateTimeType(Unwritable):
    impl = types.DateTime
    cache_ok = True

    def __init__(self, datetime_processor=None, *args, **kwargs):
        super().__init__(*args, **kwargs)


class EnrichedDateType(Unwritable):
    impl = types.Date
    cache_ok = True

    def __init__(self, date_processor=None, *args, **kwargs):
        super().__init__(*args, **kwargs)


class ArrowType(EnrichedDateTimeType):
    cache_ok = True

    def __init__(self, *args, **kwargs):
        if args:
            raise TypeError(
                "EnrichedDateTimeType.__init__() got multiple values for argument 'datetime_processor'"
            )
        super().__init__(None, **kwargs)


class BitType(types.TypeDecorator):
    impl = types.BINARY
    cache_ok = True

    def __init__(self, length=1, **kwargs):
        self.length = length
        super().__init__(**kwargs)

    def load_dialect_impl(self, dialect):
        if dialect.name == "postgresql":
            return postgresql.BIT(self.length)
        if dialect.name == "sqlite":
            return sa.String(self.length)
        return types.BINARY(self.length)


class Choice:
    def __init__(self, code, value):
        self.code = code
        self.value = value

    def __eq__(self, other):
        return self.code == (other.code if isinstance(other, Choice) else other)

    def __hash__(self):
        return hash(self.code)

    def __str__(self):
        return str(self.value)

    def __repr__(self):
        return f"Choice(code={self.code}, value={self.value})"


class ChoiceType(types.TypeDecorator):
    impl = types.Unicode(255)
    cache_ok = True

    def __init__(self, choices, impl=None):
        self.choices = tuple(choices) if isinstance(choices, list) else choices
        self.enum_class = None
        if isinstance(choices, type) and issubclass(choices, enum.Enum):
            self.enum_class = choices
        elif not choices:
            raise ImproperlyConfigured("ChoiceType needs list of choices defined.")
        if impl:
            self.impl = impl

    def process_bind_param(self, value, dialect):
        if self.enum_class is not None:
            return None if value is None else self.enum_class(value).value
        return value.code if isinstance(value, Choice) else value

    def process_result_value(self, value, dialect):
        if value is None:
            return None
        if self.enum_class is not None:
            return self.enum_class(value)
        return Choice(value, dict(self.choices)[value])


class ColorType(TextOnly):
    impl = types.Unicode(20)
    cache_ok = True

    def __init__(self, max_length=20, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.impl = types.Unicode(max_length)


class CountryType(TextOnly):
    impl = types.String(2)
    cache_ok = True


class CurrencyType(TextOnly):
    impl = types.String(3)
    cache_ok = True


class EmailType(types.TypeDecorator):
    impl = sa.Unicode
    cache_ok = True

    def __init__(self, length=255, *args, **kwargs):
        super().__init__(*args, length=length, **kwargs)

    def process_bind_param(self, value, dialect):
        return None if value is None else value.lower()


class Engine:
    """What encrypts: the values are not ours to make."""

    def encrypt(self, value):
        refuse("encryption with `sqlalchemy_utils`")

    decrypt = encrypt


class AesEngine(Engine):
    pass


class AesGcmEngine(Engine):
    pass


class FernetEngine(Engine):
    pass


class InvalidCiphertextError(Exception):
    pass


class StringEncryptedType(Unwritable):
    impl = types.String
    cache_ok = True

    def __init__(self, type_in=None, key=None, engine=None, padding=None, **kwargs):
        super().__init__(**kwargs)
        if type_in is None:
            type_in = types.String()
        elif isinstance(type_in, type):
            type_in = type_in()
        self.underlying_type = type_in
        self.key = key
        self.engine = engine


class EncryptedType(StringEncryptedType):
    impl = types.LargeBinary
    cache_ok = True


class IPAddressType(types.TypeDecorator):
    impl = types.Unicode(50)
    cache_ok = True

    def __init__(self, max_length=50, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.impl = types.Unicode(max_length)

    def process_bind_param(self, value, dialect):
        return str(value) if value else None

    def process_result_value(self, value, dialect):
        return ipaddress.ip_address(value) if value else None


class JSONType(types.TypeDecorator):
    impl = sa.UnicodeText
    hashable = False
    cache_ok = True

    def load_dialect_impl(self, dialect):
        return postgresql.JSON() if dialect.name == "postgresql" else self.impl

    def process_bind_param(self, value, dialect):
        if dialect.name != "postgresql":
            refuse("a value of the type `sqlalchemy_utils.JSONType` on another database than PostgreSQL")
        return value


class LocaleType(TextOnly):
    impl = types.Unicode(10)
    cache_ok = True

    def __init__(self):
        pass


class LtreeType(types.UserDefinedType):
    cache_ok = True

    def get_col_spec(self, **kw):
        return "LTREE"

    def literal_processor(self, dialect):
        return lambda value: "'" + value.replace("'", "''") + "'"

    def bind_processor(self, dialect):
        return lambda value: value.path if value else None


class LQUERY(types.UserDefinedType):
    def get_col_spec(self, **kw):
        return "LQUERY"


class LTXTQUERY(types.UserDefinedType):
    def get_col_spec(self, **kw):
        return "LTXTQUERY"


class PasswordType(Unwritable):
    impl = types.VARBINARY(1024)
    cache_ok = True

    def __init__(self, max_length=None, **kwargs):
        self.max_length = max_length

    def load_dialect_impl(self, dialect):
        if dialect.name != "postgresql":
            refuse("the type `sqlalchemy_utils.PasswordType` on another database than PostgreSQL")
        return postgresql.BYTEA(self.max_length)


class PhoneNumberType(Unwritable):
    impl = types.Unicode(20)
    cache_ok = True

    def __init__(self, region="US", max_length=20, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.region = region
        self.impl = types.Unicode(max_length)


class RangeType(types.TypeDecorator):
    def __init__(self, *args, **kwargs):
        self.step = kwargs.pop("step", None)
        super().__init__(*args, **kwargs)

    def load_dialect_impl(self, dialect):
        return self.impl if dialect.name == "postgresql" else sa.String(255)

    def process_bind_param(self, value, dialect):
        return None if value is None else str(value)

    def process_result_value(self, value, dialect):
        if value is not None:
            refuse("reading a value of the type `sqlalchemy_utils." + type(self).__name__ + "`")


class IntRangeType(RangeType):
    impl = postgresql.INT4RANGE
    cache_ok = True


class Int8RangeType(RangeType):
    impl = postgresql.INT8RANGE
    cache_ok = True


class DateRangeType(RangeType):
    impl = postgresql.DATERANGE
    cache_ok = True


class NumericRangeType(RangeType):
    impl = postgresql.NUMRANGE
    cache_ok = True


class DateTimeRangeType(RangeType):
    impl = postgresql.TSRANGE
    cache_ok = True


class ScalarListException(Exception):
    pass


class ScalarListType(types.TypeDecorator):
    impl = sa.UnicodeText()
    cache_ok = True

    def __init__(self, coerce_func=str, separator=","):
        self.separator = str(separator)
        self.coerce_func = coerce_func

    def process_bind_param(self, value, dialect):
        if value is None:
            return None
        items = [str(item) for item in value]
        if any(self.separator in item for item in items):
            raise ScalarListException(
                f"List values can't contain string '{self.separator}' (its being used as separator. "
                "If you wish for scalar list values to contain these strings, use a different separator string.)"
            )
        return self.separator.join(items)

    def process_result_value(self, value, dialect):
        if value is None:
            return None
        return [self.coerce_func(item) for item in value.split(self.separator)] if value else []


class TimezoneType(Unwritable):
    impl = types.Unicode(50)
    cache_ok = True

    def __init__(self, backend="dateutil"):
        if backend not in ("dateutil", "pytz", "zoneinfo"):
            raise ImproperlyConfigured(
                "'pytz', 'dateutil' or 'zoneinfo' are the backends supported for 'TimezoneType'"
            )
        self.backend = backend


class TSVectorType(types.TypeDecorator):
    impl = postgresql.TSVECTOR
    cache_ok = True

    def __init__(self, *args, **kwargs):
        self.columns = args
        self.options = kwargs
        super().__init__()


class URLType(TextOnly):
    impl = types.UnicodeText
    cache_ok = True

    def process_result_value(self, value, dialect):
        refuse("reading a value of the type `sqlalchemy_utils.URLType`")


class UUIDType(types.TypeDecorator):
    impl = types.BINARY(16)
    python_type = uuid.UUID
    cache_ok = True

    def __init__(self, binary=True, native=True):
        self.binary = binary
        self.native = native

    def load_dialect_impl(self, dialect):
        if self.native and dialect.name in ("postgresql", "cockroachdb"):
            return postgresql.UUID()
        if self.native and dialect.name == "mssql":
            return mssql.UNIQUEIDENTIFIER()
        return dialect.type_descriptor(self.impl if self.binary else types.CHAR(32))

    @staticmethod
    def _coerce(value):
        if not value or isinstance(value, uuid.UUID):
            return value
        try:
            return uuid.UUID(value)
        except (TypeError, ValueError):
            return uuid.UUID(bytes=value)

    def process_literal_param(self, value, dialect):
        return value

    def process_bind_param(self, value, dialect):
        if value is None:
            return None
        value = self._coerce(value)
        if self.native and dialect.name in ("postgresql", "mssql", "cockroachdb"):
            return str(value)
        return value.bytes if self.binary else value.hex

    def process_result_value(self, value, dialect):
        if value is None or isinstance(value, uuid.UUID):
            return value
        if self.native and dialect.name in ("postgresql", "mssql", "cockroachdb"):
            return uuid.UUID(value)
        return uuid.UUID(bytes=value) if self.binary else uuid.UUID(value)


class WeekDaysType(Unwritable):
    impl = BitType(7)
    cache_ok = True
