"""Declarative mapping: classes, their tables, their attributes. sqlalchemy/orm/decl_base.py, orm/mapper.py, orm/attributes.py, ext/hybrid.py."""
import datetime as _datetime
import decimal as _decimal
import enum as _enum
import sys as _sys
import typing as _typing
import uuid as _uuid

import sqlalchemy as _sa
from sqlalchemy.orm._state import DetachedInstanceError, MISSING, put, state_of, UnmappedClassError
from sqlalchemy.orm._support import attempt, body_name, evaluate, fetch, is_unresolved, listeners, lose_table, marked, refuse, refuse_unresolved, store, unheard

_entities = []


def entity_class(number):
    """The mapped class of a number that marks statements."""
    return _entities[number]


class Mapper:
    """How a class and its table belong together."""

    is_mapper = True
    is_aliased_class = False

    def __init__(self, cls, registry):
        self.class_ = cls
        self.entity = cls
        self.registry = registry
        self.local_table = None
        self.broken = None
        self.attributes = {}
        self.relationships = {}
        self.keys = {}
        self.primary_keys = []
        self.deferred = set()
        self.validators = {}
        self.number = len(_entities)
        _entities.append(cls)
        self.configured = False

    @property
    def mapper(self):
        return self

    @property
    def persist_selectable(self):
        return self.local_table

    mapped_table = persist_selectable
    selectable = persist_selectable

    @property
    def tables(self):
        return [self.local_table]

    @property
    def c(self):
        return self.local_table.c

    columns = c

    @property
    def primary_key(self):
        return tuple(self.attributes[key].column for key in self.primary_keys)

    @property
    def column_attrs(self):
        return Attributes({key: attribute for key, attribute in self.attributes.items() if not attribute.is_relationship})

    @property
    def attrs(self):
        configure_mappers()
        return Attributes(self.attributes)

    all_orm_descriptors = attrs

    def from_clause(self):
        return marked(self.local_table, self.number)

    def get_property_by_column(self, column):
        return self.attributes[self.keys[column.key]]

    def check(self, configure=True):
        """Refuses a class that is mapped in a way that is not modelled."""
        if self.broken is not None:
            refuse_unresolved(self.broken, f"as a part of the mapped class `{self.class_.__name__}`")
        if configure and not self.configured:
            configure_mappers()
        unheard(self.class_, self, *self.attributes.values())
        return self

    def values(self, instance):
        return [fetch(instance, key, MISSING) for key in self.attributes]

    def primary_key_from_instance(self, instance):
        return [getattr(instance, key) for key in self.primary_keys]

    def primary_key_of(self, instance):
        """The primary key in the instance, `None` where it is not set."""
        return tuple(fetch(instance, key, None) for key in self.primary_keys)

    def __repr__(self):
        return f"<Mapper at {id(self):#x}; {self.class_.__name__}>"

    def __str__(self):
        return f"Mapper[{self.class_.__name__}({self.local_table.description})]"


class Attributes:
    """A mapper's attributes by key."""

    def __init__(self, found):
        self._found = found

    def keys(self):
        return list(self._found)

    def values(self):
        return list(self._found.values())

    def items(self):
        return list(self._found.items())

    def __iter__(self):
        return iter(list(self._found.values()))

    def __len__(self):
        return len(self._found)

    def __contains__(self, key):
        return key in self._found

    def __getitem__(self, key):
        return self._found[key]

    def __getattr__(self, key):
        try:
            return self._found[key]
        except KeyError:
            raise AttributeError(key) from None


class Operators:
    """What an expression can do, on what stands for one. sql/operators.py `ColumnOperators`."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.__clause_element__(), name)

    def __eq__(self, other):
        return self.__clause_element__() == other

    def __ne__(self, other):
        return self.__clause_element__() != other

    def __lt__(self, other):
        return self.__clause_element__() < other

    def __le__(self, other):
        return self.__clause_element__() <= other

    def __gt__(self, other):
        return self.__clause_element__() > other

    def __ge__(self, other):
        return self.__clause_element__() >= other

    def __add__(self, other):
        return self.__clause_element__() + other

    def __radd__(self, other):
        return other + self.__clause_element__()

    def __sub__(self, other):
        return self.__clause_element__() - other

    def __rsub__(self, other):
        return other - self.__clause_element__()

    def __mul__(self, other):
        return self.__clause_element__() * other

    def __rmul__(self, other):
        return other * self.__clause_element__()

    def __truediv__(self, other):
        return self.__clause_element__() / other

    def __rtruediv__(self, other):
        return other / self.__clause_element__()

    def __mod__(self, other):
        return self.__clause_element__() % other

    def __and__(self, other):
        return self.__clause_element__() & other

    def __or__(self, other):
        return self.__clause_element__() | other

    def __invert__(self):
        return ~self.__clause_element__()

    def __neg__(self):
        return -self.__clause_element__()

    def __getitem__(self, key):
        return self.__clause_element__()[key]


class QueryableAttribute(Operators):
    """An attribute of a mapped class: an expression on the class, a value on instances."""

    is_relationship = False
    is_attribute = True

    def __init__(self, class_, key):
        self.class_ = class_
        self.key = key

    @property
    def parent(self):
        return self.class_.__mapper__

    @property
    def property(self):
        return self

    def __clause_element__(self):
        return self.expression

    def __hash__(self):
        return hash((id(self.class_), self.key))

    def __str__(self):
        return f"{self.class_.__name__}.{self.key}"

    def __repr__(self):
        return f"<sqlalchemy.orm.attributes.InstrumentedAttribute object at {id(self):#x}>"


class InstrumentedAttribute(QueryableAttribute):
    """An attribute that is a column."""

    def __init__(self, class_, key, column):
        super().__init__(class_, key)
        self.column = column
        kind = column.type
        self.mutable_class = None if is_unresolved(kind) else getattr(kind, "mutable_class", None)

    @property
    def columns(self):
        return [self.column]

    @property
    def expression(self):
        mapper = self.class_.__mapper__
        if mapper.broken is not None:
            mapper.check()
        return mapper.from_clause().c[self.column.key]

    @property
    def type(self):
        return self.column.type

    @property
    def name(self):
        return self.column.name

    def __get__(self, instance, owner):
        if instance is None:
            return self
        value = fetch(instance, self.key, MISSING)
        if value is not MISSING:
            return value
        state = state_of(instance)
        if state.key is None:
            return None
        if state.session is None:
            raise DetachedInstanceError(
                f"Instance <{self.class_.__name__} at {id(instance):#x}> is not bound to a Session; attribute refresh operation cannot proceed"
            )
        state.session._load_attributes(state, instance, self.key)
        return fetch(instance, self.key, None)

    def __set__(self, instance, value):
        state = state_of(instance)
        validator = state.mapper.validators.get(self.key)
        if validator is not None:
            value = validator(instance, self.key, value)
        state.note(instance, self.key, fetch(instance, self.key, MISSING))
        put(state, instance, self.key, value)

    def __delete__(self, instance):
        refuse("deleting a mapped attribute of an instance (`del instance.attribute`)")


class MappedColumn(Operators):
    """`mapped_column(...)`: a column that is finished when its class is."""

    def __init__(self, args, keywords):
        self.args = args
        self.keywords = keywords
        self.deferred = keywords.pop("deferred", False)
        for name in ("deferred_group", "deferred_raiseload", "active_history", "sort_order", "init", "repr", "default_factory", "kw_only", "compare", "hash", "use_existing_column", "dataclass_metadata"):
            keywords.pop(name, None)
        self.made = None

    @property
    def column(self):
        if self.made is None:
            self.made = _sa.Column(*self.args, **self.keywords)
            if self.made.name is None:
                self.made.name = body_name(self)
        return self.made

    __hash__ = object.__hash__

    def __clause_element__(self):
        return self.column

    def copy(self):
        return MappedColumn(self.args, dict(self.keywords, deferred=self.deferred))

    def finish(self, key, annotation, types):
        args = list(self.args)
        keywords = dict(self.keywords)
        named = bool(args) and isinstance(args[0], str) or "name" in keywords
        rest = args[1:] if args and isinstance(args[0], str) else args
        typed = keywords.get("type_") is not None or any(_is_type(item) for item in rest)
        if annotation is not None:
            inner, optional = annotation
            if not typed and not any(isinstance(item, _sa.ForeignKey) for item in rest):
                keywords["type_"] = _type_for(inner, types)
            if "nullable" not in keywords and not keywords.get("primary_key"):
                keywords["nullable"] = optional
        if self.made is None:
            column = self.made = _sa.Column(*args, **keywords)
        else:
            column = self.made
            for name, setting in (("type", "type_"), ("nullable", "nullable")):
                if setting in keywords and setting not in self.keywords:
                    setattr(column, name, keywords[setting])
        if not named:
            column.name = key
        return column


def _is_type(value):
    if is_unresolved(value):
        return True
    if isinstance(value, type):
        return issubclass(value, _sa.types.TypeEngine)
    return isinstance(value, _sa.types.TypeEngine)


_TYPES = {
    bool: _sa.Boolean,
    bytes: _sa.LargeBinary,
    _datetime.date: _sa.Date,
    _datetime.datetime: _sa.DateTime,
    _datetime.time: _sa.Time,
    _datetime.timedelta: _sa.Interval,
    _decimal.Decimal: _sa.Numeric,
    float: _sa.Float if _sa.__version__.startswith("2.0.") else _sa.Double,
    int: _sa.Integer,
    str: _sa.String,
    _uuid.UUID: _sa.Uuid,
}


def _type_for(annotation, types):
    """The SQL type of a Python type."""
    if is_unresolved(annotation):
        return annotation
    for known, made in list(types.items()):
        if known is annotation or known == annotation:
            return made
    origin = getattr(annotation, "__origin__", None)
    if not isinstance(annotation, type) and origin is not None:
        for known, made in list(types.items()):
            if known is origin:
                return made
    if origin is _typing.Literal and all(isinstance(item, str) for item in annotation.__args__):
        return _sa.Enum(*annotation.__args__, native_enum=False)
    supertype = getattr(annotation, "__supertype__", None)
    if supertype is not None and _sa.__version__.startswith("2.0."):
        return _type_for(supertype, types)
    if isinstance(annotation, type):
        for known, made in _TYPES.items():
            if known is annotation:
                return made
        if issubclass(annotation, _enum.Enum):
            return _sa.Enum(annotation)
    return attempt("mapped_column", refuse, f"the SQL type of the annotation `{annotation!r}`")


def mapped_column(*args, **keywords):
    return MappedColumn(list(args), keywords)


def deferred(column, *rest, **keywords):
    made = column if isinstance(column, MappedColumn) else MappedColumn([], {})
    if made is not column:
        made.made = column
    made.deferred = True
    return made


class Mapped:
    """`Mapped[...]`: the annotation of a mapped attribute."""

    def __class_getitem__(cls, item):
        return MappedAnnotation(item)


class MappedAnnotation:
    def __init__(self, item):
        self.item = item

    def __getitem__(self, item):
        return self


def _annotation(cls, raw):
    """What a `Mapped[...]` annotation says: the Python type and whether it may be `None`; `None` for other annotations."""
    if isinstance(raw, str):
        if "Mapped[" not in raw:
            return None
        raw = evaluated(cls, raw)
    if not isinstance(raw, MappedAnnotation):
        return None
    inner = raw.item
    if isinstance(inner, str):
        inner = evaluated(cls, inner)
    return _without_none(inner)


def evaluated(cls, text):
    module = _sys.modules.get(cls.__module__)
    names = dict(vars(module)) if module is not None else {}
    names.setdefault("Mapped", Mapped)
    try:
        return evaluate(text, names)
    except NameError:
        return text


def _without_none(annotation):
    if is_unresolved(annotation) or isinstance(annotation, (str, type)):
        return annotation, False
    arguments = getattr(annotation, "__args__", None)
    origin = getattr(annotation, "__origin__", None)
    if arguments and type(None) in arguments and (origin is _typing.Union or origin is None):
        rest = [item for item in arguments if item is not type(None)]
        return (rest[0] if len(rest) == 1 else _typing.Union[tuple(rest)]), True
    return annotation, False


class declared_attr:
    """An attribute that is made anew for each class that is mapped."""

    def __init__(self, function, cascading=False):
        self.fget = function.__func__ if isinstance(function, classmethod) else function

    def __get__(self, instance, owner):
        return self.fget(owner)

    @staticmethod
    def directive(function):
        return declared_attr(function)

    @staticmethod
    def cascading(function):
        return declared_attr(function)


def declarative_mixin(cls):
    return cls


class hybrid_property:
    """A property that is an expression on the class. sqlalchemy/ext/hybrid.py."""

    def __init__(self, fget, fset=None, fdel=None, expr=None, custom_comparator=None, update_expr=None):
        self.fget = fget
        self.fset = fset
        self.expr = expr
        self.__name__ = getattr(fget, "__name__", None)
        if custom_comparator is not None or update_expr is not None:
            refuse("`hybrid_property` with a comparator or an update expression")

    def __get__(self, instance, owner):
        if instance is None:
            function = self.expr or self.fget
            return (function.__func__ if isinstance(function, classmethod) else function)(owner)
        return self.fget(instance)

    def __set__(self, instance, value):
        if self.fset is None:
            raise AttributeError("can't set attribute")
        self.fset(instance, value)

    def _with(self, **changes):
        known = {"fget": self.fget, "fset": self.fset, "expr": self.expr}
        known.update(changes)
        return hybrid_property(**known)

    def getter(self, fget):
        return self._with(fget=fget)

    def setter(self, fset):
        return self._with(fset=fset)

    def deleter(self, fdel):
        return self

    def expression(self, expr):
        return self._with(expr=expr)

    def comparator(self, comparator):
        return attempt("comparator", refuse, "`hybrid_property.comparator`")

    update_expression = comparator

    @property
    def inplace(self):
        return _InPlace(self)

    @property
    def overrides(self):
        return self


class _InPlace:
    def __init__(self, hybrid):
        self._hybrid = hybrid

    def setter(self, fset):
        self._hybrid.fset = fset
        return self._hybrid

    def expression(self, expr):
        self._hybrid.expr = expr
        return self._hybrid


class hybrid_method:
    def __init__(self, func, expr=None):
        self.func = func
        self.expr = expr

    def __get__(self, instance, owner):
        function = self.func if instance is not None else (self.expr or self.func)
        subject = owner if instance is None else instance
        return lambda *args, **keywords: function(subject, *args, **keywords)

    def expression(self, expr):
        return hybrid_method(self.func, expr)


def validates(*names, include_removes=False, include_backrefs=True):
    def mark(function):
        function.__sa_validates__ = names
        return function

    return mark


def reconstructor(function):
    return attempt("reconstructor", refuse, "`reconstructor`")


class _MappedFrom:
    """A mapped class in queries."""

    def __get__(self, instance, owner):
        mapper = owner.__mapper__
        mapper.check(configure=False)
        return mapper.from_clause()


def _construct(self, **keywords):
    """The constructor of mapped classes. orm/decl_base.py `_declarative_constructor`."""
    cls = type(self)
    for key, value in keywords.items():
        if not hasattr(cls, key):
            raise TypeError(f"{key!r} is an invalid keyword argument for {cls.__name__}")
        setattr(self, key, value)


class registry:
    """A family of mapped classes. orm/decl_api.py."""

    def __init__(self, *, metadata=None, class_registry=None, type_annotation_map=None, constructor=None):
        self.metadata = _sa.MetaData() if metadata is None else metadata
        self.type_annotation_map = dict(type_annotation_map or {})
        self.classes = {}
        self.mappers_list = []
        self.constructor = constructor or _construct

    @property
    def mappers(self):
        return list(self.mappers_list)

    def update_type_annotation_map(self, more):
        self.type_annotation_map.update(more)

    def generate_base(self, mapper=None, cls=object, name="Base", metaclass=None):
        bases = cls if isinstance(cls, tuple) else (cls,)
        namespace = {"registry": self, "metadata": self.metadata, "__abstract__": True}
        if cls is object or not _own_constructor(bases):
            namespace["__init__"] = self.constructor
        return (metaclass or DeclarativeMeta)(name, bases, namespace)

    def mapped(self, cls):
        declare(cls, self)
        return cls

    def as_declarative_base(self, **keywords):
        return lambda cls: self.generate_base(cls=cls, name=cls.__name__, **keywords)

    def configure(self, cascade=False):
        configure_mappers()

    def dispose(self, cascade=False):
        self.classes.clear()

    def map_imperatively(self, class_, local_table=None, **keywords):
        if keywords:
            refuse("`map_imperatively` with properties")
        class_.__table__ = local_table
        declare(class_, self)
        return class_.__mapper__

    def map_declaratively(self, cls):
        declare(cls, self)
        return cls.__mapper__


def _own_constructor(bases):
    return any(base is not object and "__init__" in vars(part) for base in bases for part in base.__mro__ if part is not object)


class DeclarativeMeta(type):
    """The metaclass of mapped classes."""

    def __init__(cls, name, bases, namespace, **keywords):
        type.__init__(cls, name, bases, namespace)
        family = getattr(cls, "registry", None)
        if isinstance(family, registry):
            declare(cls, family)

    def __setattr__(cls, key, value):
        if isinstance(value, (_sa.Column, MappedColumn)) and "__mapper__" in vars(cls):
            _add_column(cls, key, value)
        elif getattr(value, "is_relationship", False) and "__mapper__" in vars(cls):
            value.attach(cls, key)
        else:
            type.__setattr__(cls, key, value)


DeclarativeAttributeIntercept = DeclarativeMeta


class _BaseMeta(DeclarativeMeta):
    """The metaclass of classes below `DeclarativeBase`: its direct subclasses are bases."""

    def __init__(cls, name, bases, namespace, **keywords):
        type.__init__(cls, name, bases, namespace)
        if not bases or bases == (object,):
            return
        if any(base.__name__ in ("DeclarativeBase", "DeclarativeBaseNoMeta") and base.__module__ == __name__ for base in bases):
            _set_up_base(cls, namespace)
        else:
            declare(cls, cls.registry)


def _set_up_base(cls, namespace):
    family = namespace.get("registry")
    metadata = namespace.get("metadata")
    if not isinstance(family, registry):
        if family is not None and is_unresolved(family):
            refuse_unresolved(family, "as a registry")
        found = metadata if metadata is not None else getattr(cls, "metadata", None)
        family = registry(metadata=found, type_annotation_map=namespace.get("type_annotation_map"))
        type.__setattr__(cls, "registry", family)
    type.__setattr__(cls, "metadata", family.metadata)
    if not _own_constructor((cls,)):
        type.__setattr__(cls, "__init__", family.constructor)


class DeclarativeBase(metaclass=_BaseMeta):
    pass


class DeclarativeBaseNoMeta(metaclass=_BaseMeta):
    pass


def declarative_base(*, metadata=None, mapper=None, cls=object, name="Base", class_registry=None, type_annotation_map=None, constructor=_construct, metaclass=None, bind=None):
    if metadata is not None and is_unresolved(metadata):
        return metadata
    family = registry(metadata=metadata, type_annotation_map=type_annotation_map, constructor=constructor or _construct)
    return family.generate_base(cls=cls, name=name, metaclass=metaclass)


def as_declarative(*, metadata=None, name=None, **keywords):
    return lambda cls: declarative_base(metadata=metadata, cls=cls, name=name or cls.__name__, **keywords)


def has_inherited_table(cls):
    return any(getattr(base, "__table__", None) is not None for base in cls.__mro__[1:])


_HARMLESS = ("__module__", "__qualname__", "__doc__", "__annotations__", "__dict__", "__weakref__", "__init__", "registry", "metadata", "type_annotation_map")


def _members(cls):
    """The names that a class is made of: its own, then those of classes before it that are not mapped themselves."""
    found = {}
    for base in cls.__mro__:
        if base is object:
            continue
        if base is not cls and "__mapper__" in vars(base):
            continue
        own = vars(base)
        annotations = own.get("__annotations__") or {}
        for key in _in_order(list(own), list(annotations)):
            if key in _HARMLESS:
                continue
            value = own.get(key, MISSING)
            if key not in found:
                found[key] = (base, value, annotations.get(key))
            elif found[key][1] is MISSING and value is not MISSING:
                found[key] = (found[key][0], value, found[key][2])
    return found


def _in_order(values, annotations):
    """The names of a class body in the order in which they were written, as far as its two lists tell. util/_collections.py `merge_lists_w_ordering`."""
    shared = set(values) & set(annotations)
    ordered = []
    lists, turn = [values, annotations], 0
    places = [0, 0]
    while places[turn] < len(lists[turn]):
        name = lists[turn][places[turn]]
        places[turn] += 1
        if name in shared:
            shared.discard(name)
            turn = 1 - turn
        else:
            ordered.append(name)
    return ordered + lists[1 - turn][places[1 - turn] :]


def declare(cls, family):
    """Maps a class: makes its table and its attributes."""
    if vars(cls).get("__abstract__", False):
        return
    failure = attempt(cls.__name__, _declare, cls, family)
    if is_unresolved(failure):
        lose_table(family.metadata, cls.__name__, failure)
        refuse_unresolved(failure, "as a mapped class")


def _declare(cls, family):
    members = _members(cls)
    mapper = Mapper(cls, family)
    broken = cls if is_unresolved(cls) else None
    parent = next((base for base in cls.__mro__[1:] if "__mapper__" in vars(base)), None)
    columns, related = {}, {}
    for key, (base, value, raw) in members.items():
        if parent is not None and base is not cls and issubclass(parent, base) and not key.startswith("__"):
            continue
        if isinstance(value, declared_attr):
            value = value.fget(cls)
            if key.startswith("__"):
                type.__setattr__(cls, key, value)
        if value is not MISSING and is_unresolved(value) and not isinstance(value, type):
            broken = value if not is_unresolved(broken) else broken
            continue
        if key.startswith("__"):
            continue
        annotation = _annotation(cls, raw) if raw is not None else None
        if value is MISSING:
            if annotation is None:
                continue
            value = MappedColumn([], {})
        if isinstance(value, MappedColumn):
            if base is not cls:
                value = value.copy()
            if value.deferred:
                mapper.deferred.add(key)
            columns[key] = value.finish(key, annotation, family.type_annotation_map)
        elif isinstance(value, _sa.Column):
            column = value._copy() if base is not cls else value
            if column.name is None:
                column.name = key
            columns[key] = column
        elif getattr(value, "is_relationship", False):
            if annotation is not None:
                value.annotated(annotation[0])
            related[key] = value
        elif hasattr(value, "__sa_validates__"):
            for name in value.__sa_validates__:
                mapper.validators[name] = value
    if parent is not None:
        _inherit_table(cls, parent, columns, broken)
        if not is_unresolved(broken):
            broken = attempt(cls.__name__, refuse, f"inheritance between mapped classes (`{cls.__name__}` from `{parent.__name__}`)")
    elif not is_unresolved(broken) or "__table__" in vars(cls):
        broken = _make_table(cls, columns, broken)
    mapping_arguments = getattr(cls, "__mapper_args__", None)
    if not is_unresolved(broken) and mapping_arguments:
        supported = ("eager_defaults", "confirm_deleted_rows", "always_refresh", "primary_key")
        for name in mapping_arguments:
            if name not in supported:
                broken = attempt(cls.__name__, refuse, f"`__mapper_args__` with `{name}`")
    _finish(cls, mapper, columns, related, broken, mapping_arguments or {})


def _make_table(cls, columns, broken):
    table = vars(cls).get("__table__")
    if table is None and not is_unresolved(broken):
        name = getattr(cls, "__tablename__", None)
        if name is None:
            raise _sa.exc.InvalidRequestError(
                f"Class {cls!r} does not have a __table__ or __tablename__ specified and does not inherit from an existing table-mapped class."
            )
        given = getattr(cls, "__table_args__", None) or ()
        keywords = {}
        if isinstance(given, dict):
            keywords, given = given, ()
        elif given and isinstance(given[-1], dict):
            keywords, given = given[-1], given[:-1]
        table = attempt(cls.__name__, lambda: _sa.Table(name, cls.metadata, *columns.values(), *given, **keywords))
        type.__setattr__(cls, "__table__", table)
    return table if is_unresolved(table) else broken


def _inherit_table(cls, parent, columns, broken):
    """The table of a class below a mapped one: its own, or that of the class above, with the columns that it adds."""
    if is_unresolved(broken):
        lose_table(cls.metadata, cls.__name__, broken)
    elif "__table__" in vars(cls) or "__tablename__" in vars(cls):
        _make_table(cls, columns, None)
    else:
        table = parent.__table__
        type.__setattr__(cls, "__table__", table)
        if is_unresolved(table):
            return
        for column in columns.values():
            if column.name not in table.columns:
                table.append_column(column)
            elif table.columns[column.name] is not column:
                raise _sa.exc.ArgumentError(
                    f"Column '{column}' on class {cls.__name__} conflicts with existing column '{table.columns[column.name]}'.  If using Declarative, consider using the use_existing_column parameter of mapped_column() to resolve conflicts."
                )


def _finish(cls, mapper, columns, related, broken, arguments):
    if is_unresolved(broken):
        mapper.broken = broken
        if is_unresolved(vars(cls).get("__table__", broken)):
            lose_table(cls.metadata, cls.__name__, broken)
        for key in columns:
            type.__setattr__(cls, key, broken)
        if "__table__" not in vars(cls):
            type.__setattr__(cls, "__table__", broken)
    else:
        table = cls.__table__
        mapper.local_table = table
        names = {column.key: key for key, column in columns.items()}
        for column in table.columns:
            _instrument(cls, mapper, names.get(column.key, column.key), column)
        primary = arguments.get("primary_key") or list(table.primary_key)
        mapper.primary_keys = [mapper.keys[column.key] for column in primary]
        if not mapper.primary_keys:
            raise _sa.exc.ArgumentError(f"Mapper {mapper} could not assemble any primary key columns for mapped table '{table.name}'")
    type.__setattr__(cls, "__mapper__", mapper)
    type.__setattr__(cls, "__mapped_from__", _MappedFrom())
    if "__init__" not in vars(cls) and not _own_constructor((cls,)):
        type.__setattr__(cls, "__init__", mapper.registry.constructor)
    mapper.registry.classes.setdefault(cls.__name__, []).append(cls)
    mapper.registry.mappers_list.append(mapper)
    for key, relationship in related.items():
        relationship.attach(cls, key)
    _waiting.append(mapper)


def _instrument(cls, mapper, key, column):
    attribute = InstrumentedAttribute(cls, key, column)
    mapper.attributes[key] = attribute
    mapper.keys[column.key] = key
    type.__setattr__(cls, key, attribute)


def _add_column(cls, key, value):
    mapper = cls.__mapper__
    column = value.finish(key, None, {}) if isinstance(value, MappedColumn) else value
    if column.name is None:
        column.name = key
    if mapper.broken is None:
        cls.__table__.append_column(column)
        _instrument(cls, mapper, key, column)


_waiting = []


def mapped_count():
    """How many classes are mapped: give it to `forget_after`."""
    return len(_entities)


def forget_after(count):
    """Forgets to configure the classes that were mapped since `count` was taken: their module was evaluated only to look at it."""
    _waiting[:] = [mapper for mapper in _waiting if mapper.number < count]


def configure_mappers():
    """Resolves the relationships of all classes mapped since the last time."""
    while _waiting:
        mapper = _waiting.pop(0)
        mapper.configured = True
        if mapper.broken is None:
            for relationship in list(mapper.relationships.values()):
                relationship.configure()
            for listener in listeners(mapper, "mapper_configured"):
                listener(mapper, mapper.class_)


def class_mapper(cls, configure=True):
    mapper = getattr(cls, "__mapper__", None)
    if mapper is None:
        raise UnmappedClassError(f"Class '{cls.__module__}.{cls.__qualname__}' is not mapped")
    return mapper.check()


def object_mapper(instance):
    return state_of(instance).mapper
