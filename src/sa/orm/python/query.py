"""`Query` and loader options. sqlalchemy/orm/query.py, orm/strategy_options.py."""
import sqlalchemy as _sa
from sqlalchemy.orm._mapping import QueryableAttribute
from sqlalchemy.orm._state import mapper_of
from sqlalchemy.orm._support import describe, is_unresolved, refuse, refuse_unresolved, row

_options = []


class LoaderOption:
    """A loader option. How related instances are read does not matter here; which columns are read does."""

    def __init__(self, kind, attributes, entity=None):
        self.kind = kind
        self.attributes = attributes
        self.entity = entity
        self.chained = []
        self.number = len(_options)
        _options.append(self)

    def _and(self, made):
        if made.kind in ("load_only", "defer", "undefer") and self.kind == "load":
            self.chained.append(made)
        return self

    def joinedload(self, *attributes, innerjoin=False):
        return self._and(joinedload(*attributes, innerjoin=innerjoin))

    def selectinload(self, *attributes, **keywords):
        return self._and(selectinload(*attributes))

    subqueryload = lazyload = immediateload = raiseload = defaultload = selectinload

    def load_only(self, *attributes, **keywords):
        return self._and(load_only(*attributes))

    def defer(self, attribute, **keywords):
        return self._and(defer(attribute))

    def undefer(self, attribute):
        return self._and(undefer(attribute))

    def noload(self, *attributes):
        refuse("the loader option `noload`")

    def contains_eager(self, *attributes, **keywords):
        refuse("the loader option `contains_eager`")

    def options(self, *options):
        return self


def loader_options(numbers):
    found = []
    for number in numbers:
        option = _options[number]
        found.append(option)
        found.extend(option.chained)
    return found


def _related_option(*attributes, innerjoin=False, **keywords):
    if innerjoin:
        refuse("`joinedload` with `innerjoin=True`")
    return LoaderOption("related", attributes)


joinedload = selectinload = subqueryload = lazyload = immediateload = raiseload = defaultload = _related_option


def Load(entity):
    return LoaderOption("load", (), entity)


def load_only(*attributes, raiseload=False):
    return LoaderOption("load_only", attributes)


def defer(attribute, *rest, raiseload=False):
    return LoaderOption("defer", (attribute,))


def undefer(attribute, *rest):
    return LoaderOption("undefer", (attribute,))


def noload(*attributes):
    refuse("the loader option `noload`")


def contains_eager(*attributes, **keywords):
    refuse("the loader option `contains_eager`")


def loaded_keys(mapper, options):
    """The attributes of a mapper that a statement reads, in the order of the table's columns."""
    keys = [mapper.keys[column.key] for column in mapper.local_table.columns]
    keys = [key for key in keys if key not in mapper.deferred]
    for option in options:
        named = []
        for attribute in option.attributes:
            if isinstance(attribute, str):
                if attribute == "*":
                    refuse(f"the loader option `{option.kind}('*')`")
                named.append(attribute)
            elif getattr(attribute, "class_", None) is mapper.class_:
                named.append(attribute.key)
        if option.kind == "load_only" and named:
            keys = [key for key in mapper.attributes if key in named or key in mapper.primary_keys]
        elif option.kind == "defer":
            keys = [key for key in keys if key not in named or key in mapper.primary_keys]
        elif option.kind == "undefer":
            keys += [key for key in named if key not in keys]
    return keys


class AliasedClass:
    """`aliased(Model)`."""

    def __init__(self, cls, name=None):
        mapper = mapper_of(cls).check()
        self._cls = cls
        self.__name__ = cls.__name__
        self.__mapper__ = mapper
        self.__aliased_from__ = mapper.from_clause().alias(name)

    def __clause_element__(self):
        return self.__aliased_from__

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        attribute = self.__mapper__.attributes.get(name)
        if attribute is None or attribute.is_relationship:
            refuse(f"`{name}` of an aliased class")
        return self.__aliased_from__.c[attribute.column.key]


def aliased(element, alias=None, name=None, flat=False, adapt_on_names=False):
    if alias is not None:
        refuse("`aliased` with a selectable")
    if mapper_of(element) is None:
        return element.alias(name)
    return AliasedClass(element, name)


class Query:
    """`session.query(...)`: a SELECT and the session that runs it."""

    def __init__(self, entities, session=None):
        self.session = session
        entities = entities if isinstance(entities, (list, tuple)) else [entities]
        self._entities = list(entities)
        for entity in self._entities:
            if is_unresolved(entity):
                refuse_unresolved(entity, "in a query")
            mapper = mapper_of(entity)
            if mapper is not None:
                mapper.check()
        self.statement = _sa.select(*self._entities)
        self._criteria = []
        self._last = self._entities[0] if self._entities else None
        self._loading = []
        self._flushes = True
        self._populate = False
        self._limited = False
        self._joined = False
        self._parameters = {}

    def _but(self, statement=None, **changes):
        made = object.__new__(type(self))
        for name in ("session", "_entities", "statement", "_criteria", "_last", "_loading", "_flushes", "_populate", "_limited", "_joined", "_parameters"):
            setattr(made, name, getattr(self, name))
        if statement is not None:
            made.statement = statement
        for name, value in changes.items():
            setattr(made, name, value)
        return made

    # generative

    def filter(self, *criteria):
        return self._but(self.statement.where(*criteria), _criteria=self._criteria + list(criteria))

    where = filter

    def filter_by(self, **named):
        return self.filter(*[_named(self._last, key) == value for key, value in named.items()])

    def order_by(self, *clauses):
        if len(clauses) == 1 and clauses[0] is False:
            clauses = (None,)
        return self._but(self.statement.order_by(*clauses))

    def group_by(self, *clauses):
        return self._but(self.statement.group_by(*clauses))

    def having(self, *criteria):
        return self._but(self.statement.having(*criteria))

    def distinct(self, *on):
        return self._but(self.statement.distinct(*on))

    def limit(self, limit):
        return self._but(self.statement.limit(limit), _limited=True)

    def offset(self, offset):
        return self._but(self.statement.offset(offset), _limited=True)

    def slice(self, start, stop):
        made = self
        if start:
            made = made.offset(start)
        return made if stop is None else made.limit(stop - (start or 0))

    def select_from(self, *items):
        return self._but(self.statement.select_from(*items), _last=items[0])

    def correlate(self, *items):
        return self._but(self.statement.correlate(*items))

    def with_entities(self, *entities):
        return self._but(self.statement.with_only_columns(*entities), _entities=list(entities))

    def add_columns(self, *columns):
        return self._but(self.statement.add_columns(*columns), _entities=self._entities + list(columns))

    def add_column(self, column):
        return self.add_columns(column)

    def add_entity(self, entity, alias=None):
        return self.add_columns(entity)

    def with_for_update(self, **keywords):
        return self._but(self.statement.with_for_update(**keywords))

    def options(self, *options):
        for option in options:
            if is_unresolved(option) or not isinstance(option, LoaderOption):
                refuse("a query option that is not modelled") if not is_unresolved(option) else refuse_unresolved(option, "as a query option")
        return self._but(_loading=self._loading + [option.number for option in options])

    def autoflush(self, setting):
        return self._but(_flushes=bool(setting))

    def populate_existing(self):
        return self._but(_populate=True)

    def params(self, *given, **named):
        return self._but(_parameters={**self._parameters, **(given[0] if given else {}), **named})

    def execution_options(self, **keywords):
        return self

    def yield_per(self, count):
        return self

    def enable_eagerloads(self, value):
        return self

    def enable_assertions(self, value):
        return self

    def set_label_style(self, style):
        return self

    with_labels = reset_joinpoint = lambda self: self

    def with_session(self, session):
        return self._but(session=session)

    def from_statement(self, statement):
        refuse("`Query.from_statement`")

    def with_parent(self, *given, **keywords):
        refuse("`Query.with_parent`")

    def _combined(self, name, others):
        refuse(f"`Query.{name}`")

    def union(self, *others):
        return self._combined("union", others)

    def union_all(self, *others):
        return self._combined("union_all", others)

    def intersect(self, *others):
        return self._combined("intersect", others)

    def except_(self, *others):
        return self._combined("except_", others)

    def join(self, target, onclause=None, *rest, isouter=False, full=False):
        if rest:
            refuse("`Query.join` with more than two arguments")
        made = join_steps(self.statement, target, onclause, isouter, full)
        last = target.target if getattr(target, "is_relationship", False) else target
        return self._but(made, _last=last, _joined=True)

    def outerjoin(self, target, onclause=None, *rest, full=False):
        return self.join(target, onclause, *rest, isouter=True, full=full)

    # as a part of other statements

    def __clause_element__(self):
        return self.statement

    @property
    def selectable(self):
        return self.statement

    @property
    def whereclause(self):
        return _sa.and_(*self._criteria) if self._criteria else None

    def subquery(self, name=None, with_labels=False, reduce_columns=False):
        return self.statement.subquery(name)

    def cte(self, name=None, recursive=False, nesting=False):
        return self.statement.cte(name, recursive=recursive)

    def label(self, name):
        return self.statement.scalar_subquery().label(name)

    def scalar_subquery(self):
        return self.statement.scalar_subquery()

    as_scalar = scalar_subquery

    def exists(self):
        return _sa.exists(self.statement.order_by(None).with_only_columns(_sa.literal_column("1")) if self._joined or self._criteria else self.statement)

    def __str__(self):
        return str(self.statement)

    @property
    def column_descriptions(self):
        refuse("`Query.column_descriptions`")

    # running

    def _run(self):
        if self.session is None:
            refuse("a query without a session")
        return self.session._rows(self.statement, self._parameters or None, self._loading, self._flushes, self._populate)

    def _items(self):
        names, rows, single = self._run()
        if single:
            return [values[0] for values in rows]
        return [row(names, values) for values in rows]

    def __iter__(self):
        return iter(self._items())

    def all(self):
        return self._items()

    def first(self):
        found = self.limit(1)._items() if not self._limited else self._items()
        return found[0] if found else None

    def one_or_none(self):
        found = self._items()
        if len(found) > 1:
            raise _sa.exc.MultipleResultsFound("Multiple rows were found when one or none was required")
        return found[0] if found else None

    def one(self):
        found = self._items()
        if not found:
            raise _sa.exc.NoResultFound("No row was found when one was required")
        if len(found) > 1:
            raise _sa.exc.MultipleResultsFound("Multiple rows were found when exactly one was required")
        return found[0]

    def scalar(self):
        names, rows, single = self._run()
        if len(rows) > 1:
            raise _sa.exc.MultipleResultsFound("Multiple rows were found when one or none was required")
        return rows[0][0] if rows else None

    def scalars(self):
        names, rows, single = self._run()
        return [values[0] for values in rows]

    def tuples(self):
        return self

    def count(self):
        inner = self.statement.subquery()
        counted = _sa.select(_sa.func.count(_sa.literal_column("*"))).select_from(inner)
        if self._flushes:
            self.session._autoflush()
        return self.session.connection().execute(counted, self._parameters or None).scalar()

    def get(self, identity):
        if len(self._entities) != 1 or mapper_of(self._entities[0]) is None:
            raise _sa.exc.InvalidRequestError("get() can only be used against a single mapped class.")
        return self.session.get(self._entities[0], identity)

    def __getitem__(self, item):
        if isinstance(item, slice):
            if item.step is not None or (item.start or 0) < 0 or (item.stop or 0) < 0:
                refuse("a query sliced with a step or negative numbers")
            return list(self.slice(item.start, item.stop))
        return list(self.slice(item, item + 1))[0]

    def _target(self, method):
        if self._limited:
            raise _sa.exc.InvalidRequestError(f"Can't call Query.{method}() when limit() has been called")
        if self._joined:
            raise _sa.exc.InvalidRequestError(
                f"Can't call Query.update() or Query.delete() when join(), outerjoin(), select_from(), or from_self() has been called"
            )
        return self._entities[0]

    def update(self, values, synchronize_session="auto", update_args=None):
        target = self._target("update")
        mapper = mapper_of(target)
        given = {}
        for key, value in dict(values).items():
            given[column_key(mapper, key)] = value.__clause_element__() if isinstance(value, QueryableAttribute) else value
        statement = _sa.update(target).where(*self._criteria).values(given)
        return self.session._change(statement, synchronize_session, self._parameters or None).rowcount

    def delete(self, synchronize_session="auto", delete_args=None):
        statement = _sa.delete(self._target("delete")).where(*self._criteria)
        return self.session._change(statement, synchronize_session, self._parameters or None).rowcount


def column_key(mapper, key):
    """The key of a column named by attribute, column or text."""
    if isinstance(key, QueryableAttribute):
        return key.column.key
    if isinstance(key, str):
        if mapper is not None and key in mapper.attributes:
            return mapper.attributes[key].column.key
        return key
    return key.key


def _named(entity, key):
    """`filter_by`: an attribute of an entity, or a column of a table."""
    if isinstance(entity, QueryableAttribute):
        entity = entity.class_
    if mapper_of(entity) is not None:
        attribute = getattr(entity, key, None)
        if attribute is None:
            raise _sa.exc.InvalidRequestError(f'Entity namespace for "{entity.__mapper__.local_table.name}" has no property "{key}"')
        return attribute
    columns = getattr(entity, "c", None)
    if columns is None:
        table = getattr(entity, "table", None)
        if table is None:
            refuse("`filter_by` of a query whose first column belongs to no table")
        columns = table.c
    return columns[key]


def join_steps(statement, target, onclause, isouter=False, full=False):
    """A SELECT with a join: by relationship, by condition, or by foreign keys."""
    if is_unresolved(target):
        refuse_unresolved(target, "as the target of a join")
    if getattr(target, "is_relationship", False):
        for right, clauses in target.on_clauses():
            statement = statement.join(right, _sa.and_(*clauses), isouter=isouter, full=full)
        return statement
    if getattr(onclause, "is_relationship", False):
        steps = onclause.on_clauses(right=None if target is onclause.target else target)
        for right, clauses in steps:
            statement = statement.join(right, _sa.and_(*clauses), isouter=isouter, full=full)
        return statement
    return statement.join(target, onclause, isouter=isouter, full=full)
