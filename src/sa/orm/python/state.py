"""What the session knows of each mapped instance. sqlalchemy/orm/state.py, orm/attributes.py."""
from sqlalchemy.exc import InvalidRequestError, SQLAlchemyError
from sqlalchemy.orm._support import drop, fetch, store, weak


class StaleDataError(SQLAlchemyError):
    __module__ = "sqlalchemy.orm.exc"


ConcurrentModificationError = StaleDataError


class UnmappedError(InvalidRequestError):
    __module__ = "sqlalchemy.orm.exc"


class UnmappedInstanceError(UnmappedError):
    __module__ = "sqlalchemy.orm.exc"


class UnmappedClassError(UnmappedError):
    __module__ = "sqlalchemy.orm.exc"


class DetachedInstanceError(SQLAlchemyError):
    __module__ = "sqlalchemy.orm.exc"


class ObjectDeletedError(InvalidRequestError):
    __module__ = "sqlalchemy.orm.exc"


class _Missing:
    """Stands for a value that is not there."""

    def __repr__(self):
        return "symbol('NO_VALUE')"

    def __bool__(self):
        return False


MISSING = _Missing()
_counter = [0]


class State:
    """An instance's state; it does not keep the instance alive."""

    def __init__(self, instance, mapper):
        self._instance = weak(instance)
        self.mapper = mapper
        self.class_ = mapper.class_
        self.session = None
        self.key = None
        self.committed = {}
        self.expired = False
        self.deleted = False
        self.number = 0
        self.insert_order = 0
        self.generated = []
        self.pending = {}
        self.held = None

    def obj(self):
        return self._instance()

    @property
    def identity(self):
        return None if self.key is None else self.key[1]

    @property
    def transient(self):
        return self.key is None and self.session is None

    @property
    def persistent(self):
        return self.key is not None and self.session is not None and not self.deleted

    @property
    def detached(self):
        return self.key is not None and self.session is None

    @property
    def was_deleted(self):
        return self.deleted

    @property
    def modified(self):
        return bool(self.committed)

    @property
    def dict(self):
        instance = self.obj()
        found = {}
        for key in self.mapper.attributes:
            value = fetch(instance, key, MISSING)
            if value is not MISSING:
                found[key] = value
        return found

    @property
    def attrs(self):
        raise NotImplementedError("inspect(instance).attrs")

    def note(self, instance, key, old):
        """An attribute is about to change."""
        if key not in self.committed:
            self.committed[key] = old
        session = self.session
        if session is not None and self.key is not None:
            session._changed[id_of(self)] = (self, instance)

    def clean(self):
        """What is in the instance is what is in the database."""
        self.committed = {}
        self.pending = {}
        if self.session is not None:
            self.session._changed.pop(id_of(self), None)

    def expire(self, keys=None):
        """Forgets loaded values: they are read again when they are asked for."""
        instance = self.obj()
        if instance is None:
            return
        if keys is None:
            keys = list(self.mapper.attributes)
            self.expired = True
            self.clean()
        for key in keys:
            drop(instance, key)
            self.committed.pop(key, None)
            self.pending.pop(key, None)


def put(state, instance, key, value):
    """Gives an instance the value of an attribute: one that reports its changes, where the column's type says so."""
    attribute = state.mapper.attributes.get(key)
    mutable = getattr(attribute, "mutable_class", None)
    if mutable is not None and value is not None and value is not MISSING:
        value = mutable.coerce(key, value)
        if value is not None and all(known is not state or name != key for known, name in value._parents):
            value._parents.append((state, key))
    store(instance, key, value)


def id_of(state):
    """A number for the state, given when it is first needed."""
    if not state.number:
        _counter[0] += 1
        state.number = _counter[0]
    return state.number


def state_of(instance):
    """The state of a mapped instance, made when there is none."""
    state = fetch(instance, "_sa_instance_state", None)
    if state is None:
        mapper = mapper_of(type(instance))
        if mapper is None:
            raise UnmappedInstanceError(f"Class '{type(instance).__module__}.{type(instance).__qualname__}' is not mapped")
        state = State(instance, mapper)
        store(instance, "_sa_instance_state", state)
    return state


def mapper_of(cls):
    """The mapper of a class, or `None`."""
    return getattr(cls, "__mapper__", None)
