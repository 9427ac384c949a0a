"""Values that say when they are changed in place. sqlalchemy/ext/mutable.py."""
from sqlalchemy.orm._session import flag_modified
from sqlalchemy.orm._support import fetch, refuse, store


class MutableBase:
    __module__ = "sqlalchemy.ext.mutable"

    @property
    def _parents(self):
        found = fetch(self, "_attributes", None)
        if found is None:
            found = []
            store(self, "_attributes", found)
        return found

    @classmethod
    def coerce(cls, key, value):
        """What a plain value becomes."""
        if value is None:
            return None
        raise ValueError("Attribute '%s' does not accept objects of type %s" % (key, type(value)))


class Mutable(MutableBase):
    __module__ = "sqlalchemy.ext.mutable"

    def changed(self):
        """The attributes that hold this value are written at the next flush."""
        for state, key in self._parents:
            instance = state.obj()
            if instance is not None:
                flag_modified(instance, key)

    @classmethod
    def as_mutable(cls, sqltype):
        """The type; mapped attributes of it hold values of this class."""
        if isinstance(sqltype, type):
            sqltype = sqltype()
        sqltype.mutable_class = cls
        return sqltype

    @classmethod
    def associate_with(cls, sqltype):
        refuse("`Mutable.associate_with`")

    @classmethod
    def associate_with_attribute(cls, attribute):
        refuse("`Mutable.associate_with_attribute`")


def _changing(plain, *names):
    """Methods of a container that report a change."""
    def reporting(name):
        method = getattr(plain, name)

        def call(self, *args, **kwargs):
            result = method(self, *args, **kwargs)
            self.changed()
            return result

        call.__name__ = name
        return call

    return {name: reporting(name) for name in names}


class _ChangingDict(dict):
    pass


class _ChangingList(list):
    pass


class _ChangingSet(set):
    pass


def _report(cls, plain, *names):
    for name, method in _changing(plain, *names).items():
        setattr(cls, name, method)


_report(_ChangingDict, dict, "__setitem__", "__delitem__", "setdefault", "update", "pop", "popitem", "clear")
_report(
    _ChangingList, list,
    "__setitem__", "__delitem__", "append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse",
)
_report(
    _ChangingSet, set,
    "update", "intersection_update", "difference_update", "symmetric_difference_update",
    "add", "remove", "discard", "pop", "clear",
)


class MutableDict(Mutable, _ChangingDict):
    __module__ = "sqlalchemy.ext.mutable"

    @classmethod
    def coerce(cls, key, value):
        if isinstance(value, cls):
            return value
        return cls(value) if isinstance(value, dict) else Mutable.coerce(key, value)

    def __ior__(self, other):
        self.update(other)
        return self


class MutableList(Mutable, _ChangingList):
    __module__ = "sqlalchemy.ext.mutable"

    @classmethod
    def coerce(cls, key, value):
        if isinstance(value, cls):
            return value
        return cls(value) if isinstance(value, list) else Mutable.coerce(key, value)

    def __iadd__(self, other):
        self.extend(other)
        return self


class MutableSet(Mutable, _ChangingSet):
    __module__ = "sqlalchemy.ext.mutable"

    @classmethod
    def coerce(cls, key, value):
        if isinstance(value, cls):
            return value
        return cls(value) if isinstance(value, set) else Mutable.coerce(key, value)

    def __ior__(self, other):
        self.update(other)
        return self

    def __iand__(self, other):
        self.intersection_update(other)
        return self

    def __isub__(self, other):
        self.difference_update(other)
        return self

    def __ixor__(self, other):
        self.symmetric_difference_update(other)
        return self
