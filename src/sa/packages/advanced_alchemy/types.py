"""advanced_alchemy/types/__init__.py"""
from .._types import (
    GUID,
    ORA_JSONB,
    BigIntIdentity,
    Bool,
    DateTimeUTC,
    EncryptedString,
    EncryptedText,
    EncryptionBackend,
    FernetBackend,
    JsonB,
    OneTimeCode,
    PasswordHash,
    StoredObject,
    TOTPSecret,
    Vector,
)
