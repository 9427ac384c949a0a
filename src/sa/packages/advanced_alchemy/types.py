"""advanced_alchemy/types/__init__.py"""
from .._types import GUID, BigIntIdentity, DateTimeUTC, EncryptedString, EncryptedText, JsonB
