"""sqlalchemy_serializer/serializer.py: the mixin of models, which adds no columns."""
from sqlalchemy.orm._support import refuse


class SerializerMixin:
    serialize_only = ()
    serialize_rules = ()

    def to_dict(self, *args, **keywords):
        refuse("`to_dict()` of sqlalchemy_serializer")
