"""oslo_db/sqlalchemy/types.py"""
import json

from sqlalchemy.dialects import mysql
from sqlalchemy.types import Integer, Text, TypeDecorator


class JsonEncodedType(TypeDecorator):
    type = None
    impl = Text
    cache_ok = True

    def __init__(self, mysql_as_long=False, mysql_as_medium=False):
        super().__init__()
        if mysql_as_long and mysql_as_medium:
            raise TypeError("mysql_as_long and mysql_as_medium are mutually exclusive")
        if mysql_as_long or mysql_as_medium:
            wide = mysql.LONGTEXT() if mysql_as_long else mysql.MEDIUMTEXT()
            self.impl = Text().with_variant(wide, "mysql")

    def process_bind_param(self, value, dialect):
        if value is None and self.type is not None:
            value = self.type()
        if self.type is not None and not isinstance(value, self.type):
            own = self.__class__.__name__
            given = value.__class__.__name__
            raise TypeError(f"{own} supposes to store {self.type.__name__} objects, but {given} given")
        return json.dumps(value)

    def process_result_value(self, value, dialect):
        return None if value is None else json.loads(value)


class JsonEncodedDict(JsonEncodedType):
    type = dict
    cache_ok = True


class JsonEncodedList(JsonEncodedType):
    type = list
    cache_ok = True


class SoftDeleteInteger(TypeDecorator):
    impl = Integer
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return None if value is None else int(value)
