"""advanced_alchemy/types/file_object/__init__.py"""
from advanced_alchemy._types import StoredObject
