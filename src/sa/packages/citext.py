"""citext/__init__.py"""
from sqlalchemy import types

__version__ = "1.8.0"


class CIText(types.UserDefinedType):
    def get_col_spec(self, **kw):
        return "CITEXT"

    def literal_processor(self, dialect):
        return lambda value: "'" + value.replace("'", "''") + "'"
