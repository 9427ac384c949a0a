"""advanced_alchemy/types/: the types; the submodules pass them on."""
import datetime
import uuid as python_uuid

from _aludel import refuse
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.types import BINARY, CHAR, JSON, BigInteger, Boolean, DateTime, Integer, String, Text, TypeDecorator


class GUID(TypeDecorator):
    impl = BINARY(16)
    cache_ok = True

    def __init__(self, *args, binary=True, **kwargs):
        self.binary = binary

    def load_dialect_impl(self, dialect):
        if dialect.name in ("postgresql", "duckdb", "cockroachdb"):
            return UUID()
        if dialect.name in ("oracle", "mssql"):
            refuse("the type `advanced_alchemy.types.GUID` on this database")
        return dialect.type_descriptor(BINARY(16) if self.binary else CHAR(32))

    def process_bind_param(self, value, dialect):
        if value is None:
            return None
        if dialect.name in ("postgresql", "duckdb", "cockroachdb", "mssql"):
            return str(value)
        if not isinstance(value, python_uuid.UUID):
            value = python_uuid.UUID(value)
        return value.bytes if self.binary else value.hex

    def process_result_value(self, value, dialect):
        if value is None or isinstance(value, python_uuid.UUID):
            return value
        return python_uuid.UUID(bytes=value) if self.binary else python_uuid.UUID(hex=value)


class DateTimeUTC(TypeDecorator):
    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value, dialect):
        if value is None:
            return None
        if not value.tzinfo:
            raise TypeError("tzinfo is required")
        return value.astimezone(datetime.timezone.utc)

    def process_result_value(self, value, dialect):
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=datetime.timezone.utc)


class Encrypted(TypeDecorator):
    """A type whose values its backend makes."""

    cache_ok = True

    def process_bind_param(self, value, dialect):
        if value is not None:
            refuse("a value of the type `advanced_alchemy.types." + type(self).__name__ + "`")

    def process_result_value(self, value, dialect):
        return self.process_bind_param(value, dialect)


class EncryptedString(Encrypted):
    impl = String

    def __init__(self, key=None, backend=None, length=None, **kwargs):
        super().__init__()
        self.length = length

    def load_dialect_impl(self, dialect):
        if dialect.name in ("mysql", "mariadb"):
            return dialect.type_descriptor(Text())
        if dialect.name == "oracle":
            return dialect.type_descriptor(String(length=4000))
        return dialect.type_descriptor(String())


class EncryptedText(EncryptedString):
    impl = Text

    def load_dialect_impl(self, dialect):
        if dialect.name == "oracle":
            refuse("the type `advanced_alchemy.types.EncryptedText` on Oracle")
        return dialect.type_descriptor(Text())


BigIntIdentity = BigInteger().with_variant(Integer, "sqlite")
JsonB = JSON().with_variant(JSONB, "postgresql").with_variant(JSONB, "cockroachdb")


class _OracleAwareBoolean(TypeDecorator):
    impl = Boolean
    cache_ok = True

    def load_dialect_impl(self, dialect):
        if dialect.name == "oracle":
            refuse("the type `advanced_alchemy.types.Bool` on Oracle")
        return dialect.type_descriptor(Boolean())


Bool = _OracleAwareBoolean


class EncryptionBackend:
    pass


class FernetBackend(EncryptionBackend):
    pass


class PGCryptoBackend(EncryptionBackend):
    pass


class TOTPSecret(EncryptedString):
    def __init__(self, key, backend=FernetBackend, digits=6, interval=30, digest=None, issuer=None, length=None, **kwargs):
        super().__init__(key=key, backend=backend, length=length, **kwargs)


class HashingBackend:
    """Makes and checks hashes: values are refused, so it is never asked."""

    def __init__(self, *args, **kwargs):
        pass


class Argon2Hasher(HashingBackend):
    pass


class PasslibHasher(HashingBackend):
    def __init__(self, context):
        pass


class PwdlibHasher(HashingBackend):
    def __init__(self, hasher):
        pass


class PasswordHash(Encrypted):
    impl = String

    def __init__(self, backend, length=255):
        self.length = length
        super().__init__(length=length)
        self.backend = backend


class OneTimeCode(Encrypted):
    impl = JsonB

    def __init__(self, backend, ttl_seconds=None, max_attempts=3, **kwargs):
        super().__init__(**kwargs)
        self.backend = backend


class StoredObject(Encrypted):
    impl = JsonB

    def __init__(self, backend, multiple=False, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.multiple = multiple


class Vector(TypeDecorator):
    """As a `Vector` of pgvector, which is taken to be installed."""

    impl = JSON
    cache_ok = True

    def __init__(self, dim, *, storage_format="FLOAT32"):
        super().__init__()
        self.dim = dim

    def load_dialect_impl(self, dialect):
        if dialect.name in ("postgresql", "cockroachdb"):
            from pgvector.sqlalchemy import Vector as PgVector

            return dialect.type_descriptor(PgVector(self.dim))
        if dialect.name == "oracle":
            refuse("the type `advanced_alchemy.types.Vector` on Oracle")
        return dialect.type_descriptor(JSON())


class ORA_JSONB(TypeDecorator):
    impl = Text
    cache_ok = True

    def __init__(self, *args, **kwargs):
        pass

    def load_dialect_impl(self, dialect):
        refuse("the type `advanced_alchemy.types.ORA_JSONB` on another database than Oracle")
