"""The unit of work: what a flush writes, and in which order. sqlalchemy/orm/unitofwork.py, orm/dependency.py, orm/persistence.py."""
import sqlalchemy as _sa
from sqlalchemy.orm._related import MANYTOMANY, MANYTOONE, ONETOMANY
from sqlalchemy.orm._state import id_of, MISSING, put, StaleDataError, state_of
from sqlalchemy.orm._support import drop, fetch, is_unresolved, refuse, refuse_unresolved, required, store


def is_clause(value):
    """Whether a value is an SQL expression."""
    return isinstance(value, (_sa.sql.elements.ClauseElement, _sa.Column)) or hasattr(value, "__clause_element__")


def differs(state, instance, key):
    """Whether an attribute is not what it was when it was loaded."""
    old = state.committed[key]
    value = fetch(instance, key, MISSING)
    if old is MISSING:
        return value is not MISSING
    if is_clause(value) or is_clause(old):
        return True
    if state.mapper.attributes[key].is_relationship:
        if isinstance(old, list):
            value = [] if value is MISSING else value
            return len(old) != len(value) or any(a is not b for a, b in zip(old, value))
        return old is not value
    return not (value is old or value == old)


class Flush:
    """One flush."""

    def __init__(self, session):
        self.session = session
        self.saved = {}
        self.gone = {}
        self.links = []
        self.unlinks = []

    def collect(self):
        session = self.session
        for number, (state, instance) in list(session._new.items()):
            self.saved[number] = (state, instance)
        for number, (state, instance) in list(session._changed.items()):
            self.saved[number] = (state, instance)
        waiting = list(session._deleted.items())
        for number, (state, instance) in waiting:
            self.saved.pop(number, None)
            self.gone[number] = (state, instance)
        self._orphans()
        for number, (state, instance) in list(self.gone.items()):
            self._before_delete(state, instance)
        for number, (state, instance) in list(self.saved.items()):
            self._before_save(state, instance)

    def _relationships(self, state):
        for relationship in state.mapper.check().relationships.values():
            if relationship.viewonly:
                continue
            if relationship.broken is not None:
                relationship.check()
            yield relationship

    def _orphans(self):
        """Children taken out of a collection with delete-orphan."""
        for number, (state, instance) in list(self.saved.items()):
            for relationship in self._relationships(state):
                if "delete-orphan" not in relationship.cascade:
                    continue
                for item in history(state, instance, relationship)[1]:
                    child = state_of(item)
                    back = relationship.back
                    if back is not None and not back.uselist and fetch(item, back.key, None) is not None:
                        continue
                    if child.key is None:
                        self.session._drop(child, item)
                        self.saved.pop(id_of(child), None)
                    else:
                        self.session.delete(item)
                        for key, pair in self.session._deleted.items():
                            self.saved.pop(key, None)
                            self.gone[key] = pair

    def _before_delete(self, state, instance):
        """Children that stay lose their parent; rows of secondary tables go."""
        for relationship in self._relationships(state):
            passive = relationship.options.get("passive_deletes")
            is_loaded = fetch(instance, relationship.key, MISSING) is not MISSING
            if relationship.direction == ONETOMANY:
                if "delete" in relationship.cascade or passive == "all" or passive and not is_loaded:
                    continue
                for item in held(relationship, instance):
                    self._unlink_child(relationship, item)
            elif relationship.direction == MANYTOMANY and not (passive and not is_loaded):
                for item in held(relationship, instance):
                    self._pair(self.unlinks, relationship, instance, item)

    def _unlink_child(self, relationship, item):
        child = state_of(item)
        if id_of(child) in self.gone or child.key is None and id_of(child) not in self.saved:
            return
        for _, remote in relationship.pairs:
            if remote in child.mapper.primary_keys:
                raise AssertionError(
                    f"Dependency rule on column '{relationship.class_.__table__.name}' tried to blank-out primary key column '{child.mapper.local_table.name}.{remote}' on instance '<{type(item).__name__} at {id(item):#x}>'"
                )
            setattr(item, remote, None)
        self.saved[id_of(child)] = (child, item)

    def _before_save(self, state, instance):
        """Children that were added or removed are written too."""
        for relationship in self._relationships(state):
            added, removed = history(state, instance, relationship)
            for item in added:
                if item is not None and state_of(item).session is not self.session:
                    if relationship.direction == MANYTOONE:
                        continue
                    refuse(f"an instance in `{relationship}` that is not in the session")
            if relationship.direction == ONETOMANY:
                for item in added:
                    child = state_of(item)
                    if id_of(child) not in self.gone:
                        self.saved[id_of(child)] = (child, item)
                for item in removed:
                    if item is not None and not any(item is known for known in added):
                        back = relationship.back
                        if back is not None and not back.uselist and fetch(item, back.key, None) is not None:
                            continue
                        self._unlink_child(relationship, item)
            elif relationship.direction == MANYTOMANY:
                for item in added:
                    self._pair(self.links, relationship, instance, item)
                for item in removed:
                    self._pair(self.unlinks, relationship, instance, item)

    def _pair(self, found, relationship, instance, item):
        """A row of a secondary table, once though both sides ask for it."""
        for known, first, second in found:
            if known.secondary is relationship.secondary and (first is instance and second is item or first is item and second is instance):
                return
        found.append((relationship, instance, item))

    # order

    def _mappers(self):
        """The mappers at hand, in levels: a mapper follows those it depends on. Mappers that depend on each other share a level."""
        found = []
        for state, _ in list(self.saved.values()) + list(self.gone.values()):
            if not any(state.mapper is known for known in found):
                found.append(state.mapper)
        before = {mapper.number: set() for mapper in found}
        for mapper in found:
            for relationship in mapper.relationships.values():
                if relationship.viewonly or relationship.broken is not None:
                    continue
                other = relationship.target.__mapper__
                if other is mapper or other.number not in before:
                    continue
                if relationship.direction == MANYTOONE:
                    before[mapper.number].add(other.number)
                elif relationship.direction == ONETOMANY:
                    before[other.number].add(mapper.number)
        levels = []
        while found:
            ready = [mapper for mapper in found if not before[mapper.number] & {other.number for other in found}]
            if not ready:
                ready = found
            levels.append(ready)
            found = [mapper for mapper in found if not any(mapper is known for known in ready)]
        return levels

    def run(self):
        self.collect()
        levels = self._mappers()
        for level in levels:
            tied = self._tied(level)
            if tied:
                self._save(tied)
            for mapper in level:
                if not tied:
                    self._save([mapper])
        self._secondary()
        for level in reversed(levels):
            self._delete(level)
        self._finish()

    def _tied(self, level):
        """The mappers of a level when rows of it refer to rows of it."""
        numbers = {mapper.number for mapper in level}
        for mapper in level:
            for relationship in mapper.relationships.values():
                if relationship.broken is None and not relationship.viewonly and relationship.direction != MANYTOMANY and relationship.target.__mapper__.number in numbers:
                    return level
        return []

    def _save(self, mappers):
        chosen = [(state, instance) for state, instance in self.saved.values() if any(state.mapper is mapper for mapper in mappers)]
        kept = [pair for pair in chosen if pair[0].key is not None]
        fresh = sorted([pair for pair in chosen if pair[0].key is None], key=lambda pair: pair[0].insert_order)
        kept = _by_key(kept)
        numbers = {mapper.number for mapper in mappers}
        is_tied = any(
            relationship.direction != MANYTOMANY and relationship.broken is None and relationship.target.__mapper__.number in numbers
            for mapper in mappers
            for relationship in mapper.relationships.values()
            if not relationship.viewonly
        )
        if is_tied:
            self._save_tied(kept, fresh)
            return
        for state, instance in kept + fresh:
            self._copy_keys(state, instance)
        for state, instance in kept:
            self._update(state, instance)
        for state, instance in fresh:
            self._insert(state, instance)

    def _save_tied(self, kept, fresh):
        """Rows that refer to rows of the same tables: parents first."""
        waiting = kept + fresh
        while waiting:
            rest = []
            for state, instance in waiting:
                if any(item is not instance and any(item is other for _, other in waiting) and state_of(item).key is None for item in self._parents(state, instance)):
                    rest.append((state, instance))
                    continue
                self._copy_keys(state, instance)
                if state.key is None:
                    self._insert(state, instance)
                else:
                    self._update(state, instance)
            if len(rest) == len(waiting):
                raise _sa.exc.CircularDependencyError("Circular dependency detected.", [], [])
            waiting = rest

    def _parents(self, state, instance):
        found = []
        for relationship in self._relationships(state):
            if relationship.direction == MANYTOONE:
                value = fetch(instance, relationship.key, MISSING)
                if value is not MISSING and value is not None:
                    found.append(value)
        for relationship, parent in self._owners(state, instance):
            found.append(parent)
        return found

    def _owners(self, state, instance):
        """The instances whose one-to-many collections gained this one."""
        found = []
        for parent, owner in list(self.saved.values()):
            for relationship in parent.mapper.relationships.values():
                if relationship.viewonly or relationship.broken is not None or relationship.direction != ONETOMANY or relationship.target is not state.class_:
                    continue
                if any(item is instance for item in history(parent, owner, relationship)[0]):
                    found.append((relationship, owner))
        return found

    def _copy_keys(self, state, instance):
        """Foreign keys follow what relationships point at."""
        for relationship, owner in self._owners(state, instance):
            for local, remote in relationship.pairs:
                value = getattr(owner, local)
                if fetch(instance, remote, MISSING) != value or fetch(instance, remote, MISSING) is MISSING:
                    setattr(instance, remote, value)
        for relationship in self._relationships(state):
            if relationship.direction != MANYTOONE:
                continue
            value = fetch(instance, relationship.key, MISSING)
            if value is MISSING or relationship.key not in state.committed:
                continue
            if value is state.committed[relationship.key] and state.key is not None:
                continue
            for local, remote in relationship.pairs:
                key = None if value is None else getattr(value, remote)
                if value is not None and state_of(value).session is not self.session and state_of(value).key is None:
                    continue
                if value is None and (state.committed[relationship.key] is MISSING and state.key is None or local in state.mapper.primary_keys):
                    continue
                if fetch(instance, local, MISSING) is MISSING or fetch(instance, local, None) != key:
                    setattr(instance, local, key)

    # statements

    def _insert(self, state, instance):
        mapper = state.mapper
        given = {key: fetch(instance, key, MISSING) for key in mapper.attributes if not mapper.attributes[key].is_relationship}
        values, returned = insert_values(mapper, given)
        table = mapper.local_table
        statement = _sa.insert(table).values({key: value for key, value in values.items()}) if values else _sa.insert(table)
        connection = self.session.connection()
        if returned:
            found = connection.execute(statement.returning(*[mapper.attributes[key].column for key in returned])).first()
            for key, value in zip(returned, found):
                put(state, instance, key, value)
        else:
            connection.execute(statement, None) if values else connection.execute(statement)
        state.generated = list(returned)
        for column_key, value in values.items():
            key = mapper.keys[column_key]
            if is_clause(value):
                if key not in returned:
                    drop(instance, key)
            else:
                put(state, instance, key, value)
        state.key = (mapper.class_, tuple(fetch(instance, key, None) for key in mapper.primary_keys))
        self.session._new.pop(id_of(state), None)
        self.session._identity[state.key] = state
        self.session._added.append(state)

    def _update(self, state, instance):
        mapper = state.mapper
        values = {}
        for key in mapper.attributes:
            if key in state.committed and not mapper.attributes[key].is_relationship and differs(state, instance, key):
                values[mapper.attributes[key].column.key] = fetch(instance, key, None)
        if not values:
            return
        computed = changed_values(mapper, values)
        values.update(computed)
        statement = _sa.update(mapper.local_table).values(values)
        for key, value in zip(mapper.primary_keys, state.key[1]):
            statement = statement.where(mapper.attributes[key].column == value)
        found = self.session.connection().execute(statement).rowcount
        if found == 0:
            raise StaleDataError(f"UPDATE statement on table '{mapper.local_table.name}' expected to update 1 row(s); 0 were matched.")
        for column_key, value in values.items():
            key = mapper.keys[column_key]
            if is_clause(value):
                drop(instance, key)
            else:
                put(state, instance, key, value)
        identity = tuple(fetch(instance, key, old) for key, old in zip(mapper.primary_keys, state.key[1]))
        if identity != state.key[1]:
            self.session._identity.pop(state.key, None)
            state.key = (mapper.class_, identity)
            self.session._identity[state.key] = state

    def _secondary(self):
        """The rows of secondary tables."""
        connection = self.session.connection() if self.links or self.unlinks else None
        for relationship, instance, item in self.unlinks:
            statement = _sa.delete(relationship.secondary)
            for key, column in relationship.pairs:
                statement = statement.where(relationship.secondary.c[column] == getattr(instance, key))
            for key, column in relationship.secondary_pairs:
                statement = statement.where(relationship.secondary.c[column] == getattr(item, key))
            connection.execute(statement)
        for relationship, instance, item in self.links:
            values = {column: getattr(instance, key) for key, column in relationship.pairs}
            values.update({column: getattr(item, key) for key, column in relationship.secondary_pairs})
            connection.execute(_sa.insert(relationship.secondary).values(values))

    def _delete(self, mappers):
        numbers = {mapper.number for mapper in mappers}
        waiting = [(state, instance) for state, instance in self.gone.values() if state.mapper.number in numbers]
        waiting = list(reversed(_by_key(waiting))) if self._tied(mappers) else _by_key(waiting)
        if self._tied(mappers):
            waiting = self._children_first(waiting)
        for state, instance in waiting:
            mapper = state.mapper
            statement = _sa.delete(mapper.local_table)
            for key, value in zip(mapper.primary_keys, state.key[1]):
                statement = statement.where(mapper.attributes[key].column == value)
            self.session.connection().execute(statement)

    def _children_first(self, waiting):
        ordered = []
        while waiting:
            ready = []
            for state, instance in waiting:
                is_parent = False
                for other, item in waiting:
                    if item is not instance and any(found is instance for found in self._referred(other, item)):
                        is_parent = True
                if not is_parent:
                    ready.append((state, instance))
            if not ready:
                raise _sa.exc.CircularDependencyError("Circular dependency detected.", [], [])
            ordered.extend(ready)
            waiting = [pair for pair in waiting if not any(pair[1] is known[1] for known in ready)]
        return ordered

    def _referred(self, state, instance):
        """What an instance's foreign keys refer to among those in the session."""
        found = []
        for relationship in self._relationships(state):
            target = relationship.target.__mapper__
            if relationship.direction == MANYTOONE and sorted(remote for _, remote in relationship.pairs) == sorted(target.primary_keys):
                by_key = {remote: fetch(instance, local, None) for local, remote in relationship.pairs}
                known = self.session._identity.get((target.class_, tuple(by_key[key] for key in target.primary_keys)))
                if known is not None and known.obj() is not None:
                    found.append(known.obj())
        for other, item in self.gone.values():
            for relationship in self._relationships(other):
                if relationship.direction == ONETOMANY and relationship.target is state.class_ and any(child is instance for child in held(relationship, item, False)):
                    found.append(item)
        return found

    def _finish(self):
        session = self.session
        for number, (state, instance) in self.gone.items():
            session._deleted.pop(number, None)
            session._changed.pop(number, None)
            session._identity.pop(state.key, None)
            state.deleted = True
            session._removed.append((state, instance))
        for number, (state, instance) in self.saved.items():
            state.clean()


def _by_key(pairs):
    """In the order of their primary keys, where these can be compared."""
    try:
        return sorted(pairs, key=lambda pair: pair[0].key[1])
    except TypeError:
        return pairs


def history(state, instance, relationship):
    """What was added to and removed from a relationship since it was loaded."""
    value = fetch(instance, relationship.key, MISSING)
    if relationship.uselist:
        queued = state.pending.get(relationship.key, [])
        now = [] if value is MISSING else list(value)
        if state.key is None:
            return now, []
        added = [item for item, is_there in queued if is_there]
        removed = [item for item, is_there in queued if not is_there]
        if relationship.key in state.committed:
            before = state.committed[relationship.key]
            before = [] if before is MISSING or before is None else before
            added = added + [item for item in now if not any(item is old for old in before)]
            removed = removed + [old for old in before if not any(item is old for item in now)]
        return added, removed
    if value is MISSING:
        return [], []
    if state.key is None:
        return ([] if value is None else [value]), []
    if relationship.key not in state.committed:
        return [], []
    old = state.committed[relationship.key]
    if old is value:
        return [], []
    return ([] if value is None else [value]), ([] if old is MISSING or old is None else [old])


def held(relationship, instance, read=True):
    """All that a relationship holds or held."""
    value = getattr(instance, relationship.key) if read else fetch(instance, relationship.key, MISSING)
    if value is None or value is MISSING:
        found = []
    else:
        found = list(value) if relationship.uselist else [value]
    before = state_of(instance).committed.get(relationship.key)
    if isinstance(before, list):
        found += [item for item in before if not any(item is known for known in found)]
    return found


def _default(value):
    """A Python-side default: `(is there one, its value)`."""
    if value is None:
        return False, None
    if is_unresolved(value):
        refuse_unresolved(value, "as a default")
    argument = getattr(value, "arg", value) if isinstance(value, _sa.ColumnDefault) else value
    if isinstance(argument, _sa.Sequence):
        return True, argument.next_value()
    if is_clause(argument):
        return True, argument
    if callable(argument):
        return True, _called(argument)
    return True, argument


def _called(function):
    """A default function: with the context if it wants one."""
    if is_unresolved(function):
        refuse_unresolved(function, "as a default")
    if required(function):
        refuse("a column default that takes the execution context")
    return function()


def _evaluates_none(column):
    return isinstance(column.type, _sa.JSON) and not getattr(column.type, "none_as_null", False)


def insert_values(mapper, given, render_nulls=False):
    """What an INSERT says for each column key, and the attributes that the database makes."""
    values, returned = {}, []
    for column in mapper.local_table.columns:
        key = mapper.keys[column.key]
        value = given.get(key, MISSING)
        if value is not MISSING and is_unresolved(value):
            refuse_unresolved(value, f"as the value of `{mapper.class_.__name__}.{key}`")
        is_set = value is not MISSING and (value is not None or _evaluates_none(column) or render_nulls and key not in mapper.primary_keys)
        if is_set:
            values[column.key] = value.__clause_element__() if hasattr(value, "__clause_element__") else value
            if is_clause(value):
                returned.append(key)
            continue
        there, default = _default(column.default)
        if there:
            values[column.key] = default
            if is_clause(default):
                returned.append(key)
        elif key in mapper.primary_keys or column.server_default is not None:
            returned.append(key)
        elif not _evaluates_none(column):
            values[column.key] = None
    return values, returned


def changed_values(mapper, values):
    """`onupdate` of the columns that an UPDATE does not set."""
    found = {}
    for column in mapper.local_table.columns:
        if column.key not in values:
            there, value = _default(column.onupdate)
            if there:
                found[column.key] = value
    return found


def flush(session):
    Flush(session).run()


def insert_mappings(session, mapper, mappings, return_defaults, render_nulls):
    connection = session.connection()
    for mapping in mappings:
        values, _ = insert_values(mapper, dict(mapping), render_nulls)
        statement = _sa.insert(mapper.local_table)
        connection.execute(statement.values(values) if values else statement)


def update_mappings(session, mapper, mappings):
    connection = session.connection()
    for mapping in mappings:
        values = {mapper.attributes[key].column.key: value for key, value in mapping.items() if key in mapper.attributes and key not in mapper.primary_keys}
        if not values:
            continue
        values.update(changed_values(mapper, values))
        statement = _sa.update(mapper.local_table).values(values)
        for key in mapper.primary_keys:
            if key not in mapping:
                raise _sa.exc.InvalidRequestError(f"No primary key value supplied for column(s) {mapper.local_table.name}.{key}; per-row ORM Bulk UPDATE by Primary Key requires that records contain primary key values")
            statement = statement.where(mapper.attributes[key].column == mapping[key])
        if connection.execute(statement).rowcount == 0:
            raise StaleDataError(f"UPDATE statement on table '{mapper.local_table.name}' expected to update 1 row(s); 0 were matched.")


def save_one(session, state, instance, return_defaults, changed_only):
    mapper = state.mapper.check()
    given = {key: fetch(instance, key, MISSING) for key, attribute in mapper.attributes.items() if not attribute.is_relationship}
    connection = session.connection()
    if state.key is None:
        values, returned = insert_values(mapper, given)
        statement = _sa.insert(mapper.local_table)
        statement = statement.values(values) if values else statement
        if return_defaults and returned:
            found = connection.execute(statement.returning(*[mapper.attributes[key].column for key in returned])).first()
            for key, value in zip(returned, found):
                put(state, instance, key, value)
        else:
            connection.execute(statement)
        return
    keys = [key for key in given if key not in mapper.primary_keys and given[key] is not MISSING]
    if changed_only:
        keys = [key for key in keys if key in state.committed and differs(state, instance, key)]
    if keys:
        mapping = {key: given[key] for key in keys}
        mapping.update(zip(mapper.primary_keys, state.key[1]))
        update_mappings(session, mapper, [mapping])
