"""sqlalchemy_json/__init__.py: what is mutable in Python is plain JSON in the database."""
from sqlalchemy.types import JSON

__version__ = "0.7.0"


def mutable_json_type(dbtype=JSON, nested=False):
    return dbtype() if isinstance(dbtype, type) else dbtype


MutableJson = mutable_json_type()
NestedMutableJson = mutable_json_type(nested=True)
