"""Relationships: what they join, the collections on instances, both sides kept alike. sqlalchemy/orm/relationships.py, orm/strategies.py, orm/collections.py."""
import sqlalchemy as _sa
from sqlalchemy.orm._mapping import QueryableAttribute, configure_mappers, registry
from sqlalchemy.orm._state import DetachedInstanceError, mapper_of, MISSING, State, state_of
from sqlalchemy.orm._support import attempt, evaluate, fetch, is_unresolved, refuse, refuse_unresolved, store, weak

MANYTOONE, ONETOMANY, MANYTOMANY = "MANYTOONE", "ONETOMANY", "MANYTOMANY"

_IGNORED = ("active_history", "bake_queries", "comparator_factory", "compare", "dataclass_metadata", "distinct_target_key", "doc", "enable_typechecks", "hash", "info", "init", "innerjoin", "join_depth", "kw_only", "load_on_pending", "overlaps", "query_class", "repr", "single_parent", "sync_backref", "omit_join", "default", "default_factory", "cascade_backrefs")
_KNOWN = ("argument", "secondary", "primaryjoin", "secondaryjoin", "foreign_keys", "remote_side", "uselist", "order_by", "backref", "back_populates", "cascade", "viewonly", "lazy", "collection_class", "passive_deletes", "passive_updates", "post_update")


class InstrumentedList(list):
    """A collection on an instance that tells its relationship of changes."""

    def _watched(self):
        owner = self.__dict__.get("_owner")
        return (None, None) if owner is None else (owner(), self._property)

    def _adding(self, item):
        owner, prop = self._watched()
        if owner is not None:
            prop.before_change(owner, self)
        return owner, prop

    def append(self, item):
        owner, prop = self._adding(item)
        list.append(self, item)
        if owner is not None:
            prop.added(owner, item)

    def insert(self, at, item):
        owner, prop = self._adding(item)
        list.insert(self, at, item)
        if owner is not None:
            prop.added(owner, item)

    def extend(self, items):
        for item in list(items):
            self.append(item)

    def __iadd__(self, items):
        self.extend(items)
        return self

    def remove(self, item):
        owner, prop = self._adding(item)
        list.remove(self, item)
        if owner is not None:
            prop.removed(owner, item)

    def pop(self, at=-1):
        owner, prop = self._adding(None)
        item = list.pop(self, at)
        if owner is not None:
            prop.removed(owner, item)
        return item

    def clear(self):
        for item in list(self):
            self.remove(item)

    def __setitem__(self, at, item):
        if isinstance(at, slice):
            if at != slice(None, None, None):
                refuse("assigning to a slice of a mapped collection")
            self.clear()
            self.extend(item)
            return
        owner, prop = self._adding(item)
        old = list.__getitem__(self, at)
        list.__setitem__(self, at, item)
        if owner is not None:
            prop.removed(owner, old)
            prop.added(owner, item)

    def __delitem__(self, at):
        for item in list.__getitem__(self, at) if isinstance(at, slice) else [list.__getitem__(self, at)]:
            self.remove(item)


class RelationshipProperty(QueryableAttribute):
    """`relationship(...)`."""

    is_relationship = True

    def __init__(self, argument=None, **options):
        self.class_ = None
        self.key = None
        self.argument = argument
        self.options = options
        self.cascade = _cascade(options.get("cascade"), options.get("viewonly", False))
        self.viewonly = bool(options.get("viewonly", False))
        self.target = None
        self.direction = None
        self.secondary = None
        self.uselist = options.get("uselist")
        self.pairs = []
        self.secondary_pairs = []
        self.reverse = None
        self.broken = None
        self.said_scalar = None

    # how it is set up

    def annotated(self, annotation):
        """The target from `Mapped[...]`."""
        arguments = getattr(annotation, "__args__", None)
        if arguments and not isinstance(annotation, (str, type)):
            origin = getattr(annotation, "__origin__", None)
            if origin is not list and getattr(origin, "__name__", "") not in ("list", "List", "Sequence"):
                self.broken = attempt("relationship", refuse, f"a relationship with the annotation `{annotation!r}`")
            annotation = arguments[0]
            self.said_scalar = False
        else:
            self.said_scalar = True
        if self.argument is None:
            self.argument = annotation

    def attach(self, cls, key):
        self.class_ = cls
        self.key = key
        mapper = cls.__mapper__
        mapper.relationships[key] = self
        mapper.attributes[key] = self
        type.__setattr__(cls, key, self)
        if mapper.configured and mapper.broken is None:
            self.configure()

    def configure(self):
        """Finds target, join and reverse side; what is not modelled is remembered."""
        if self.target is not None or self.broken is not None:
            return
        broken = attempt(f"{self.class_.__name__}.{self.key}", self._configure)
        if is_unresolved(broken):
            self.broken = broken

    def _configure(self):
        for name, value in self.options.items():
            if is_unresolved(value):
                refuse_unresolved(value, f"as `{name}` of the relationship `{self}`")
            if name not in _KNOWN and name not in _IGNORED:
                refuse(f"`relationship` with `{name}`")
        if self.options.get("post_update"):
            refuse("`relationship` with `post_update`")
        if self.options.get("lazy") in ("dynamic", "write_only"):
            refuse(f"`relationship` with `lazy={self.options['lazy']!r}`")
        if self.options.get("collection_class") not in (None, list):
            refuse("`relationship` with `collection_class`")
        target = self._class(self.argument)
        if is_unresolved(target):
            refuse_unresolved(target, f"as the target of the relationship `{self}`")
        mapper = mapper_of(target)
        if mapper is None:
            raise _sa.exc.ArgumentError(f"Mapper expected for the target of relationship '{self}'")
        if mapper.broken is not None:
            refuse_unresolved(mapper.broken, f"as a part of the mapped class `{target.__name__}`")
        self._join(mapper)
        self.target = target
        if self.uselist is None:
            self.uselist = self.direction != MANYTOONE
            if self.direction == ONETOMANY and self.said_scalar:
                self.uselist = False
        self._set_up_reverse(mapper)

    def _class(self, argument):
        if isinstance(argument, str):
            name = argument.split(".")[-1]
            found = self.class_.__mapper__.registry.classes.get(name, [])
            if len(found) == 1:
                return found[0]
            if len(found) > 1:
                refuse(f"the name {argument!r} in a relationship: several mapped classes have it")
            raise _sa.exc.InvalidRequestError(
                f"When initializing mapper {self.class_.__mapper__}, expression {argument!r} failed to locate a name ({argument!r}). If this is a class name, consider adding this relationship() to the {self.class_!r} class after both dependent classes have been defined."
            )
        if isinstance(argument, type) or is_unresolved(argument):
            return argument
        if callable(argument):
            return argument()
        refuse(f"a relationship to `{argument!r}`")

    def _join(self, mapper):
        own = self.class_.__table__
        other = mapper.local_table
        secondary = self.options.get("secondary")
        if secondary is not None:
            self._join_secondary(own, other, secondary, mapper)
            return
        if self.options.get("primaryjoin") is not None:
            pairs = self._pairs_of(self.options["primaryjoin"], own, other)
        else:
            wanted = self._columns(self.options.get("foreign_keys"))
            out = [(column, found, "out") for column, found in _references(own, other) if not wanted or any(column is item for item in wanted)]
            back = [] if own is other else [(column, found, "in") for column, found in _references(other, own) if not wanted or any(column is item for item in wanted)]
            if out and back:
                raise _sa.exc.AmbiguousForeignKeysError(
                    f"Could not determine join condition between parent/child tables on relationship {self} - there are multiple foreign key paths linking the tables.  Specify the 'foreign_keys' argument, providing a list of those columns which should be counted as containing a foreign key reference to the parent table."
                )
            pairs = out or back
            if not pairs:
                raise _sa.exc.NoForeignKeysError(
                    f"Could not determine join condition between parent/child tables on relationship {self} - there are no foreign keys linking these tables.  Ensure that referencing columns are associated with a ForeignKey or ForeignKeyConstraint, or specify a 'primaryjoin' expression."
                )
            if len({id_of_key(found) for _, found, _ in pairs}) < len(pairs):
                raise _sa.exc.AmbiguousForeignKeysError(
                    f"Could not determine join condition between parent/child tables on relationship {self} - there are multiple foreign key paths linking the tables.  Specify the 'foreign_keys' argument, providing a list of those columns which should be counted as containing a foreign key reference to the parent table."
                )
        outward = pairs[0][2] == "out"
        if own is other:
            remote = self._columns(self.options.get("remote_side"))
            outward = bool(remote) and not any(column is item for column, _, _ in pairs for item in remote)
        mine, theirs = self.class_.__mapper__.keys, mapper.keys
        if outward:
            self.direction = MANYTOONE
            self.pairs = [(mine[column.key], theirs[found.key]) for column, found, _ in pairs]
        else:
            self.direction = ONETOMANY
            self.pairs = [(mine[found.key], theirs[column.key]) for column, found, _ in pairs]

    def _columns(self, given):
        """Columns given as attributes, columns, names or a list of them."""
        if given is None:
            return []
        if callable(given) and not isinstance(given, QueryableAttribute) and not isinstance(given, _sa.Column):
            given = given()
        items = list(given) if isinstance(given, (list, tuple, set)) else [given]
        found = []
        for item in items:
            if isinstance(item, str):
                parts = item.strip("[] ").split(".")
                owner = self._class(parts[0]) if len(parts) == 2 else None
                if owner is None or "," in item or "(" in item:
                    refuse(f"{item!r} in the relationship `{self}`")
                item = getattr(owner, parts[1])
            column = getattr(item, "column", item)
            found.append(column)
        return found

    def _pairs_of(self, condition, own, other):
        """The pairs of columns of a `primaryjoin`: foreign column, referred column, which way."""
        if isinstance(condition, str) or callable(condition) and not hasattr(condition, "left"):
            if isinstance(condition, str):
                condition = self._evaluated(condition)
            else:
                condition = condition()
        left, right = getattr(condition, "left", None), getattr(condition, "right", None)
        if left is None or right is None or not str(condition).count(" = ") == 1:
            refuse(f"the `primaryjoin` of the relationship `{self}`")
        wanted = self._columns(self.options.get("foreign_keys"))
        for foreign, referred in ((left, right), (right, left)):
            column, known = _column_of(foreign, own, other), _column_of(referred, own, other)
            if column is None or known is None:
                refuse(f"the `primaryjoin` of the relationship `{self}`")
            is_foreign = any(column is item for item in wanted) if wanted else any(target is known for _, target in _references_of(column))
            if is_foreign:
                return [(column, known, "out" if column.table is own else "in")]
        refuse(f"the `primaryjoin` of the relationship `{self}`")

    def _evaluated(self, text):
        names = {"foreign": lambda item: item, "remote": lambda item: item, "and_": _sa.and_}
        for name, classes in self.class_.__mapper__.registry.classes.items():
            if len(classes) == 1:
                names[name] = classes[0]
        return evaluate(text, names)

    def _join_secondary(self, own, other, secondary, mapper):
        if isinstance(secondary, str):
            found = self.class_.metadata.tables.get(secondary)
            if found is None:
                refuse(f"the secondary table {secondary!r} of the relationship `{self}`")
            secondary = found
        elif callable(secondary) and not hasattr(secondary, "columns"):
            secondary = secondary()
        if self.options.get("primaryjoin") is not None or self.options.get("secondaryjoin") is not None:
            refuse(f"a relationship with `secondary` and `primaryjoin` (`{self}`)")
        to_own, to_other = _references(secondary, own), _references(secondary, other)
        if own is other or not to_own or not to_other:
            refuse(f"the join through `secondary` of the relationship `{self}`")
        self.direction = MANYTOMANY
        self.secondary = secondary
        self.pairs = [(self.class_.__mapper__.keys[found.key], column.key) for column, found in to_own]
        self.secondary_pairs = [(mapper.keys[found.key], column.key) for column, found in to_other]

    def _set_up_reverse(self, mapper):
        backref, name = self.options.get("backref"), self.options.get("back_populates")
        if backref is not None:
            name, options = backref if isinstance(backref, tuple) else (backref, {})
            options = dict(options)
            if self.secondary is not None:
                options.setdefault("secondary", self.secondary)
            elif self.options.get("primaryjoin") is not None:
                options.setdefault("primaryjoin", self.options["primaryjoin"])
            if self.options.get("foreign_keys") is not None:
                options.setdefault("foreign_keys", self.options["foreign_keys"])
            if self.viewonly:
                options.setdefault("viewonly", True)
            if self.class_ is self.target and self.secondary is None and "remote_side" not in options and self.direction == ONETOMANY:
                options["remote_side"] = [getattr(self.class_, key).column for key, _ in self.pairs]
            made = RelationshipProperty(self.class_, back_populates=self.key, **options)
            made.attach(self.target, name)
        if name is not None:
            self.reverse = name

    # instances

    @property
    def back(self):
        """The relationship on the other side."""
        if self.reverse is None:
            return None
        return self.target.__mapper__.relationships.get(self.reverse)

    def check(self):
        if self.broken is None and self.target is None:
            configure_mappers()
        if self.broken is not None:
            refuse_unresolved(self.broken, f"as the relationship `{self}`")
        return self

    def __get__(self, instance, owner):
        if instance is None:
            return self
        value = fetch(instance, self.key, MISSING)
        if value is not MISSING:
            return value
        self.check()
        state = state_of(instance)
        if state.key is None:
            if not self.uselist:
                return None
            return self._collection(instance, [])
        if state.session is None:
            raise DetachedInstanceError(
                f"Parent instance <{self.class_.__name__} at {id(instance):#x}> is not bound to a Session; lazy load operation of attribute '{self.key}' cannot proceed"
            )
        return self.load(state, instance)

    def _collection(self, instance, items):
        made = InstrumentedList(items)
        made._owner = weak(instance)
        made._property = self
        store(instance, self.key, made)
        return made

    def load(self, state, instance):
        """Reads the related instances."""
        session = state.session
        target = self.target.__mapper__.check()
        values = [getattr(instance, local) for local, _ in self.pairs]
        if self.direction == MANYTOONE and any(value is None for value in values):
            store(instance, self.key, None)
            return None
        if self.direction == MANYTOONE and sorted(remote for _, remote in self.pairs) == sorted(target.primary_keys):
            by_key = dict(zip([remote for _, remote in self.pairs], values))
            found = session._get(target, tuple(by_key[key] for key in target.primary_keys))
            store(instance, self.key, found)
            return found
        session._autoflush()
        if fetch(instance, self.key, MISSING) is not MISSING:
            return fetch(instance, self.key, MISSING)
        statement = _sa.select(self.target)
        if self.secondary is None:
            for (_, remote), value in zip(self.pairs, values):
                statement = statement.where(getattr(self.target, remote) == value)
        else:
            for (_, column), value in zip(self.pairs, values):
                statement = statement.where(self.secondary.c[column] == value)
            for key, column in self.secondary_pairs:
                statement = statement.where(self.secondary.c[column] == getattr(self.target, key))
        ordering = self._ordering()
        if ordering:
            statement = statement.order_by(*ordering)
        found = session._instances(statement)
        if self.uselist:
            for item, is_there in state.pending.pop(self.key, []):
                if is_there and not any(item is known for known in found):
                    found.append(item)
                elif not is_there:
                    found = [known for known in found if known is not item]
            return self._collection(instance, found)
        value = found[0] if found else None
        store(instance, self.key, value)
        return value

    def _ordering(self):
        given = self.options.get("order_by")
        if given is None or given is False:
            return []
        if isinstance(given, str):
            return [self._evaluated(given)]
        if callable(given) and not isinstance(given, QueryableAttribute) and not hasattr(given, "desc"):
            given = given()
        return list(given) if isinstance(given, (list, tuple)) else [given]

    def __set__(self, instance, value):
        self.check()
        state = state_of(instance)
        if self.uselist:
            current = self.__get__(instance, self.class_)
            wanted = list(value)
            for item in [item for item in current if not any(item is kept for kept in wanted)]:
                current.remove(item)
            for item in wanted:
                if not any(item is known for known in current):
                    current.append(item)
            if len(wanted) == len(current):
                list.__setitem__(current, slice(None, None, None), wanted)
            return
        if value is not None and not isinstance(value, self.target):
            raise AssertionError(f"Attribute '{self.key}' on class {self.class_!r} doesn't handle objects of type {type(value)!r}")
        old = fetch(instance, self.key, MISSING)
        if old is MISSING:
            old = self._peek(state, instance)
        self._replace(state, instance, value, old)
        back = self.back
        if back is not None:
            if old is not None and old is not MISSING and old is not value:
                back.forget(old, instance)
            if value is not None and old is not value:
                back.take(value, instance)
        self._cascade(state, value)

    def __delete__(self, instance):
        refuse("deleting a relationship of an instance (`del instance.attribute`)")

    def _peek(self, state, instance):
        """The related instance if it is in the session already."""
        if self.direction != MANYTOONE or state.session is None or state.key is None:
            return MISSING
        target = self.target.__mapper__
        by_key = {remote: fetch(instance, local, None) for local, remote in self.pairs}
        if None in by_key.values() or sorted(by_key) != sorted(target.primary_keys):
            return MISSING
        found = state.session._known(target, tuple(by_key[key] for key in target.primary_keys))
        return MISSING if found is None else found

    def _replace(self, state, instance, value, old):
        state.note(instance, self.key, old)
        store(instance, self.key, value)

    def _cascade(self, state, value):
        if value is not None and state.session is not None and "save-update" in self.cascade:
            state.session._take(value)

    # collections

    def before_change(self, owner, current):
        state = state_of(owner)
        if self.key in state.committed:
            state.note(owner, self.key, None)
        else:
            state.note(owner, self.key, list(current))

    def added(self, owner, item):
        back = self.back
        if back is not None:
            back.take(item, owner)
        self._cascade(state_of(owner), item)

    def removed(self, owner, item):
        back = self.back
        if back is not None:
            back.forget(item, owner)

    def take(self, instance, other):
        """The other side was pointed at this instance."""
        self.check()
        state = state_of(instance)
        current = fetch(instance, self.key, MISSING)
        if not self.uselist:
            if current is other:
                return
            old = self._peek(state, instance) if current is MISSING else current
            self._replace(state, instance, other, old)
            back = self.back
            if back is not None and old is not MISSING and old is not None and old is not other:
                back.forget(old, instance)
            return
        if current is MISSING and state.key is not None:
            state.pending.setdefault(self.key, []).append((other, True))
            return
        if current is MISSING:
            current = self._collection(instance, [])
        if not any(other is known for known in current):
            self.before_change(instance, current)
            list.append(current, other)

    def forget(self, instance, other):
        """The other side no longer points at this instance."""
        self.check()
        state = state_of(instance)
        current = fetch(instance, self.key, MISSING)
        if not self.uselist:
            if current is other:
                self._replace(state, instance, None, current)
            return
        if current is MISSING:
            if state.key is not None:
                state.pending.setdefault(self.key, []).append((other, False))
            return
        if any(other is known for known in current):
            self.before_change(instance, current)
            list.remove(current, other)

    # expressions

    @property
    def expression(self):
        self.check()
        return _sa.and_(*self.on_clauses()[-1][1])

    @property
    def prop(self):
        return self

    @property
    def mapper(self):
        return self.check().target.__mapper__

    @property
    def entity(self):
        return self.mapper

    def on_clauses(self, left=None, right=None):
        """What to join and on what."""
        self.check()
        left = self.class_ if left is None else left
        right = self.target if right is None else right
        if self.secondary is None:
            sides = [(getattr(left, local), getattr(right, remote)) for local, remote in self.pairs]
            if self.direction == MANYTOONE and self.options.get("primaryjoin") is None:
                # what is referred to stands first
                sides = [(there, here) for here, there in sides]
            return [(right, [first == second for first, second in sides])]
        return [
            (self.secondary, [getattr(left, key) == self.secondary.c[column] for key, column in self.pairs]),
            (right, [getattr(right, key) == self.secondary.c[column] for key, column in self.secondary_pairs]),
        ]

    def __eq__(self, other):
        self.check()
        if other is None:
            if self.direction == MANYTOONE:
                return _sa.and_(*[getattr(self.class_, local) == None for local, _ in self.pairs])  # noqa: E711
            return ~self.any()
        if self.uselist:
            raise _sa.exc.InvalidRequestError("Can't compare a collection to an object or collection; use contains() to test for membership.")
        return self._points_at(other)

    def __ne__(self, other):
        self.check()
        if other is None and self.direction == MANYTOONE:
            return _sa.and_(*[getattr(self.class_, local) != None for local, _ in self.pairs])  # noqa: E711
        refuse("`!=` between a relationship and an instance")

    __hash__ = QueryableAttribute.__hash__

    def _points_at(self, other):
        if self.direction == MANYTOONE:
            return _sa.and_(*[getattr(self.class_, local) == getattr(other, remote) for local, remote in self.pairs])
        if self.secondary is None:
            return _sa.and_(*[getattr(self.class_, local) == getattr(other, remote) for local, remote in self.pairs])
        clauses = [getattr(self.class_, key) == self.secondary.c[column] for key, column in self.pairs]
        clauses += [self.secondary.c[column] == getattr(other, key) for key, column in self.secondary_pairs]
        return _sa.and_(*clauses)

    def is_(self, other):
        return self == other

    def is_not(self, other):
        return self != other

    isnot = is_not

    def contains(self, other, **keywords):
        self.check()
        return self._points_at(other)

    def any(self, criterion=None, **named):
        self.check()
        if self.class_ is self.target:
            refuse("`any` of a relationship of a class with itself")
        clauses = [clause for _, found in self.on_clauses() for clause in found]
        if criterion is not None:
            clauses.append(criterion)
        clauses += [getattr(self.target, key) == value for key, value in named.items()]
        statement = _sa.select(_sa.literal_column("1")).select_from(self.target).where(*clauses)
        return _sa.exists(statement.correlate(self.class_))

    has = any

    def of_type(self, *entity):
        refuse("`of_type`")

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        refuse(f"`{self}.{name}`")


Relationship = RelationshipProperty


def id_of_key(column):
    return (str(column.table), column.key)


def _references_of(column):
    found = []
    for key in column.foreign_keys:
        target = _referred(column, key)
        if target is not None:
            found.append((column, target))
    return found


def _references(table, other):
    """The columns of a table that refer to another: pairs of columns."""
    found = []
    for column in table.columns:
        for _, target in _references_of(column):
            if target.table is other:
                found.append((column, target))
    for source, target in _constraint_references(table):
        if target.table is other and not any(source is known and target is kept for known, kept in found):
            found.append((source, target))
    return found


def _constraint_references(table):
    found = []
    for constraint in table.constraints:
        if isinstance(constraint, _sa.ForeignKeyConstraint):
            for key in constraint.elements:
                parent = getattr(key, "parent", None)
                if parent is not None:
                    target = _referred(parent, key)
                    if target is not None:
                        found.append((parent, target))
    return found


def _referred(column, key):
    """The column that a foreign key refers to, when its table is known."""
    spec = key.target_fullname
    if not isinstance(spec, str):
        return None
    parts = spec.split(".")
    name = ".".join(parts[:-1])
    tables = column.table.metadata.tables
    table = tables.get(name)
    if table is None and column.table.metadata.schema and len(parts) == 2:
        table = tables.get(f"{column.table.metadata.schema}.{name}")
    if table is None:
        return None
    for known in table.columns:
        if known.name == parts[-1]:
            return known
    return None


def _column_of(expression, own, other):
    for table in (own, other):
        for column in table.columns:
            if str(column) == str(expression):
                return column
    return None


def _cascade(given, viewonly):
    if given is None:
        return set() if viewonly else {"save-update", "merge"}
    if given is False:
        return set()
    names = {name.strip() for name in given.split(",") if name.strip()} if isinstance(given, str) else set(given)
    if "all" in names:
        names = (names - {"all"}) | {"save-update", "merge", "refresh-expire", "expunge", "delete"}
    if "none" in names:
        names = set()
    return names


def relationship(argument=None, secondary=None, **options):
    if secondary is not None:
        options["secondary"] = secondary
    return RelationshipProperty(argument, **options)


def backref(name, **options):
    return (name, options)


def foreign(expression):
    return expression


remote = foreign
