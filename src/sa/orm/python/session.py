"""Sessions. sqlalchemy/orm/session.py, orm/loading.py, orm/scoping.py."""
import sqlalchemy as _sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.mock import MockConnection
from sqlalchemy.orm import _unit
from sqlalchemy.orm._mapping import QueryableAttribute, entity_class
from sqlalchemy.orm._query import Query, column_key, loaded_keys, loader_options
from sqlalchemy.orm._state import id_of, mapper_of, MISSING, ObjectDeletedError, put, State, state_of
from sqlalchemy.orm._support import abandon, describe, drop, expand, fetch, is_unresolved, listeners, matching, refuse, refuse_unresolved, result, store, unheard


class _Transaction:
    """The session's hold on a connection."""

    def __init__(self, connection, transaction, joined, owns):
        self.connection = connection
        self.transaction = transaction
        self.joined = joined
        self.owns = owns
        self.nested = []


class SessionTransaction:
    """`session.begin()`, `session.begin_nested()`."""

    def __init__(self, session, nested=None):
        self.session = session
        self.nested = nested
        self.is_active = True

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if not self.is_active:
            return False
        if kind is None:
            self.commit()
        else:
            self.rollback()
        return False

    def commit(self):
        self.is_active = False
        if self.nested is None:
            self.session.commit()
            return
        try:
            self.session._end_nested(self.nested, False)
        except BaseException:
            self.session._dead = None
            self.session._end_nested(self.nested, True)
            raise

    def rollback(self):
        self.is_active = False
        if self.nested is None:
            self.session.rollback()
        else:
            self.session._end_nested(self.nested, True)

    close = rollback


class _NoAutoflush:
    def __init__(self, session):
        self.session = session

    def __enter__(self):
        self.before = self.session.autoflush
        self.session.autoflush = False
        return self.session

    def __exit__(self, kind, error, trace):
        self.session.autoflush = self.before
        return False


class _FlushContext:
    """The `UOWTransaction` that listeners are given."""

    def __getattr__(self, name):
        refuse(f"`UOWTransaction.{name}`")


class Session:
    """What holds mapped instances and writes their changes."""

    def __init__(self, bind=None, *, autoflush=True, future=True, expire_on_commit=True, autobegin=True, twophase=False, binds=None, enable_baked_queries=True, info=None, query_cls=None, autocommit=False, join_transaction_mode=None, close_resets_only=True):
        if bind is not None and is_unresolved(bind):
            refuse_unresolved(bind, "as the bind of a session")
        if binds:
            refuse("`Session` with `binds`")
        if twophase:
            refuse("`Session` with `twophase`")
        if autocommit:
            raise _sa.exc.ArgumentError("autocommit=True is no longer supported")
        if join_transaction_mode not in (None, "conditional_savepoint", "rollback_only"):
            refuse(f"`Session` with `join_transaction_mode={join_transaction_mode!r}`")
        self.bind = bind
        self.autoflush = autoflush
        self.expire_on_commit = expire_on_commit
        self.info = dict(info or {})
        self._query_cls = query_cls or Query
        self._identity = {}
        self._new = {}
        self._changed = {}
        self._deleted = {}
        self._removed = []
        self._added = []
        self._transaction = None
        self._flushing = False
        self._flushed = False
        self._dead = None
        self._counter = 0

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.close()
        return False

    def __contains__(self, instance):
        return state_of(instance).session is self

    def __iter__(self):
        return iter([instance for _, instance in self._new.values()] + list(self._persistent()))

    # connections and transactions

    def get_bind(self, mapper=None, **keywords):
        if self.bind is None:
            raise _sa.exc.UnboundExecutionError("Could not locate a bind configured on this Session.")
        return self.bind

    def _check(self):
        unheard(self)
        if self._dead is not None:
            raise _sa.exc.PendingRollbackError(
                f"This Session's transaction has been rolled back due to a previous exception during flush. To begin a new transaction with this Session, first issue Session.rollback(). Original exception was: {self._dead}"
            )

    def connection(self, bind_arguments=None, execution_options=None):
        self._check()
        if self._transaction is None:
            bind = self.get_bind()
            if isinstance(bind, MockConnection):
                bind.close
            owns = isinstance(bind, Engine)
            if not owns and not isinstance(bind, Connection):
                raise _sa.exc.ArgumentError("Expected a Connection or Engine")
            connection = bind.connect() if owns else bind
            joined = connection.in_transaction()
            if joined and connection.in_nested_transaction():
                refuse("a session on a connection that has a savepoint")
            self._transaction = _Transaction(connection, None if joined else connection.begin(), joined, owns)
        return self._transaction.connection

    def begin(self, nested=False):
        if nested:
            return self.begin_nested()
        return SessionTransaction(self)

    def begin_nested(self):
        connection = self.connection()
        self.flush()
        nested = (connection.begin_nested(), len(self._added), len(self._removed))
        self._transaction.nested.append(nested)
        return SessionTransaction(self, nested)

    def _end_nested(self, nested, failed):
        if self._transaction is None or nested not in self._transaction.nested:
            return
        if not failed:
            self.flush()
        self._transaction.nested.remove(nested)
        if failed:
            nested[0].rollback()
            self._forget(nested[1], nested[2])
        else:
            nested[0].commit()

    def in_transaction(self):
        return self._transaction is not None

    def in_nested_transaction(self):
        return self._transaction is not None and bool(self._transaction.nested)

    def get_transaction(self):
        return SessionTransaction(self) if self._transaction is not None else None

    @property
    def is_active(self):
        return self._dead is None

    def commit(self):
        self._check()
        self.flush()
        held = self._transaction
        if held is not None:
            while held.nested:
                held.nested.pop()[0].commit()
            if held.transaction is not None:
                held.transaction.commit()
            if held.owns:
                held.connection.close()
            self._transaction = None
        self._added = []
        for state, instance in self._removed:
            state.session = None
        self._removed = []
        if self.expire_on_commit:
            self.expire_all()

    def rollback(self):
        held = self._transaction
        self._transaction = None
        self._dead = None
        if held is not None:
            if held.transaction is not None:
                held.transaction.rollback()
            else:
                abandon(held.connection)
            if held.owns:
                held.connection.close()
        self._forget(0, 0)

    def _forget(self, added, removed):
        """What was written since then is no longer in the database."""
        for state, instance in list(self._new.values()):
            self._drop(state, instance)
        self._new = {}
        for state in self._added[added:]:
            self._identity.pop(state.key, None)
            state.key = None
            state.session = None
            instance = state.obj()
            for key in state.generated:
                if instance is not None:
                    drop(instance, key)
        self._added = self._added[:added]
        for state, instance in self._removed[removed:]:
            state.deleted = False
            self._identity[state.key] = state
            state.held = None
        self._removed = self._removed[:removed]
        self._deleted = {}
        self.expire_all()

    def prepare(self):
        refuse("two-phase commit (`prepare`)")

    def close(self):
        held = self._transaction
        self._transaction = None
        self._dead = None
        if held is not None:
            if held.transaction is not None:
                held.transaction.rollback()
            if held.owns:
                held.connection.close()
        self.expunge_all()

    reset = close
    invalidate = close

    @property
    def no_autoflush(self):
        return _NoAutoflush(self)

    def _autoflush(self):
        if self.autoflush and not self._flushing:
            self.flush()

    def flush(self, objects=None):
        if objects is not None:
            refuse("`Session.flush` with objects")
        if self._flushing:
            raise _sa.exc.InvalidRequestError("Session is already flushing")
        if self._new or self._changed or self._deleted:
            self._flushing = True
            try:
                self._tell("before_flush", None)
                try:
                    _unit.flush(self)
                    self._flushed = True
                    self._tell("after_flush")
                    self._flushed = False
                    self._tell("after_flush_postexec")
                except Exception as error:
                    self._fail(error)
                    raise
            finally:
                self._flushing = self._flushed = False

    def _tell(self, identifier, *arguments):
        """Calls what listens to the flush. orm/events.py SessionEvents."""
        for listener in listeners(self, identifier):
            listener(self, _FlushContext(), *arguments)

    def _pending(self, name):
        if self._flushed:
            refuse(f"`Session.{name}` in a listener of `after_flush`, which sees it as it was before the flush")

    def _fail(self, error):
        """A flush failed: its transaction is rolled back, and nothing more happens before `rollback()`."""
        held = self._transaction
        if held is not None and held.nested:
            nested = held.nested[-1]
            held.nested.remove(nested)
            nested[0].rollback()
            self._forget(nested[1], nested[2])
            return
        self.rollback()
        self._dead = f"{type(error).__name__}: {error}"

    # instances

    def _persistent(self):
        found = []
        for state in list(self._identity.values()):
            instance = state.obj()
            if instance is not None and not state.deleted:
                found.append(instance)
        return found

    @property
    def new(self):
        self._pending("new")
        return [instance for _, instance in self._new.values()]

    @property
    def dirty(self):
        self._pending("dirty")
        return [instance for number, (state, instance) in self._changed.items() if number not in self._deleted]

    @property
    def deleted(self):
        self._pending("deleted")
        return [instance for _, instance in self._deleted.values()]

    @property
    def identity_map(self):
        found = {}
        for key, state in self._identity.items():
            instance = state.obj()
            if instance is not None:
                found[key] = instance
        return found

    def is_modified(self, instance, include_collections=True):
        state = state_of(instance)
        return any(_unit.differs(state, instance, key) for key in state.committed)

    def _known(self, mapper, identity):
        """The instance of a primary key if it is in the session."""
        state = self._identity.get((mapper.class_, identity))
        if state is None or state.deleted:
            return None
        return state.obj()

    def _take(self, instance):
        """Makes an instance, and what it refers to, the session's own."""
        seen = {}
        waiting = [instance]
        while waiting:
            current = waiting.pop(0)
            state = state_of(current)
            if id_of(state) in seen:
                continue
            seen[id_of(state)] = True
            self._take_one(state, current)
            for relationship in state.mapper.relationships.values():
                if "save-update" in relationship.cascade:
                    waiting.extend(_related(relationship, current))

    def _take_one(self, state, instance):
        state.mapper.check()
        if state.session is not None and state.session is not self:
            raise _sa.exc.InvalidRequestError(
                f"Object '{_shown(instance)}' is already attached to session '{id(state.session)}' (this is '{id(self)}')"
            )
        if state.session is self:
            if state.deleted:
                raise _sa.exc.InvalidRequestError(f"Instance '{_shown(instance)}' has been deleted.  Use the make_transient() function to send this object back to the transient state.")
            self._deleted.pop(id_of(state), None)
            return
        if state.key is None:
            state.session = self
            self._counter += 1
            state.insert_order = self._counter
            self._new[id_of(state)] = (state, instance)
            return
        known = self._identity.get(state.key)
        if known is not None and known is not state and known.obj() is not None:
            raise _sa.exc.InvalidRequestError(
                f"Can't attach instance {_shown(instance)}; another instance with key {state.key} is already present in this session."
            )
        state.session = self
        self._identity[state.key] = state
        if state.committed:
            self._changed[id_of(state)] = (state, instance)

    def add(self, instance, _warn=True):
        if is_unresolved(instance):
            refuse_unresolved(instance, "in a session")
        self._take(instance)

    def add_all(self, instances):
        for instance in instances:
            self.add(instance)

    def delete(self, instance):
        state = state_of(instance)
        if state.key is None:
            raise _sa.exc.InvalidRequestError(f"Instance '{_shown(instance)}' is not persisted")
        if id_of(state) in self._deleted or state.deleted:
            return
        self._take_one(state, instance)
        related = []
        for relationship in state.mapper.check().relationships.values():
            if relationship.viewonly:
                continue
            relationship.check()
            if "delete" in relationship.cascade:
                related.extend(_loaded(relationship, instance))
        self._deleted[id_of(state)] = (state, instance)
        for item in related:
            if state_of(item).key is not None:
                self.delete(item)
            elif id_of(state_of(item)) in self._new:
                self.expunge(item)

    def delete_all(self, instances):
        for instance in instances:
            self.delete(instance)

    def expunge(self, instance):
        state = state_of(instance)
        if state.session is not self:
            raise _sa.exc.InvalidRequestError(f"Instance {_shown(instance)} is not present in this Session")
        self._drop(state, instance)
        for relationship in state.mapper.relationships.values():
            if "expunge" in relationship.cascade:
                for item in _related(relationship, instance):
                    if state_of(item).session is self:
                        self.expunge(item)

    def _drop(self, state, instance):
        number = id_of(state)
        self._new.pop(number, None)
        self._changed.pop(number, None)
        self._deleted.pop(number, None)
        if state.key is not None and self._identity.get(state.key) is state:
            self._identity.pop(state.key)
        state.session = None

    def expunge_all(self):
        for state, instance in list(self._new.values()):
            state.session = None
        for state in list(self._identity.values()):
            state.session = None
        for state, instance in self._removed:
            state.session = None
        self._identity = {}
        self._new = {}
        self._changed = {}
        self._deleted = {}
        self._removed = []
        self._added = []

    def expire(self, instance, attribute_names=None):
        state_of(instance).expire(attribute_names)

    def expire_all(self):
        for key, state in list(self._identity.items()):
            if state.obj() is None:
                self._identity.pop(key)
            else:
                state.expire()
        self._changed = {}

    def refresh(self, instance, attribute_names=None, with_for_update=None):
        state = state_of(instance)
        if state.session is not self or state.key is None:
            raise _sa.exc.InvalidRequestError(f"Instance '{_shown(instance)}' is not persistent within this Session")
        self._autoflush()
        state.expire(attribute_names)
        if attribute_names is None:
            self._load_attributes(state, instance, None)
        else:
            for key in attribute_names:
                getattr(instance, key)

    def merge(self, instance, load=True, options=None):
        self._autoflush()
        before, self.autoflush = self.autoflush, False
        try:
            return self._merge(instance, {})
        finally:
            self.autoflush = before

    def _merge(self, instance, done):
        state = state_of(instance)
        if id_of(state) in done:
            return done[id_of(state)]
        mapper = state.mapper.check()
        if state.session is self and state.key is not None:
            return instance
        identity = state.key[1] if state.key is not None else mapper.primary_key_of(instance)
        merged = None
        if None not in identity:
            merged = self._get(mapper, identity)
        if merged is None:
            merged = object.__new__(mapper.class_)
            state_of(merged)
            self.add(merged)
        done[id_of(state)] = merged
        for key, attribute in mapper.attributes.items():
            value = fetch(instance, key, MISSING)
            if value is MISSING:
                continue
            if not attribute.is_relationship:
                if key not in mapper.primary_keys or fetch(merged, key, MISSING) != value:
                    setattr(merged, key, value)
            elif "merge" in attribute.cascade and not attribute.viewonly:
                if attribute.uselist:
                    setattr(merged, key, [self._merge(item, done) for item in value])
                elif value is None:
                    setattr(merged, key, None)
                else:
                    setattr(merged, key, self._merge(value, done))
        return merged

    # reading

    def query(self, *entities, **keywords):
        return self._query_cls(list(entities), session=self)

    def get(self, entity, ident, *, options=None, populate_existing=False, with_for_update=None, identity_token=None, execution_options=None, bind_arguments=None):
        if options:
            refuse("`Session.get` with options")
        mapper = mapper_of(entity)
        if mapper is None:
            raise _sa.exc.ArgumentError(f"Expected mapped class or mapper, got: {entity!r}")
        mapper.check()
        if isinstance(ident, dict):
            ident = tuple(ident[key] for key in mapper.primary_keys)
        identity = tuple(ident) if isinstance(ident, (list, tuple)) else (ident,)
        if len(identity) != len(mapper.primary_keys):
            raise _sa.exc.InvalidRequestError(
                f"Incorrect number of values in identifier to formulate primary key for session.get(); primary key columns are {','.join(repr(str(column)) for column in mapper.primary_key)}"
            )
        return self._get(mapper, identity, populate_existing or with_for_update is not None, with_for_update)

    def get_one(self, entity, ident, **keywords):
        found = self.get(entity, ident, **keywords)
        if found is None:
            raise _sa.exc.NoResultFound("No row was found when one was required")
        return found

    def _get(self, mapper, identity, populate=False, locking=None):
        known = self._known(mapper, identity)
        if known is not None and not populate:
            state = state_of(known)
            if not state.expired:
                return known
            try:
                self._load_attributes(state, known, None)
            except ObjectDeletedError:
                self._identity.pop(state.key, None)
                return None
            return known
        statement = _sa.select(mapper.class_)
        for key, value in zip(mapper.primary_keys, identity):
            statement = statement.where(getattr(mapper.class_, key) == value)
        if locking is not None:
            statement = statement.with_for_update(**({} if locking is True else locking))
        found = self._instances(statement, True, populate)
        return found[0] if found else None

    def _instances(self, statement, autoflush=False, populate=False):
        names, rows, single = self._rows(statement, None, [], autoflush, populate)
        return [values[0] for values in rows]

    def _load_attributes(self, state, instance, wanted):
        """Reads what is not there of a persistent instance."""
        mapper = state.mapper.check()
        columns = [key for key, attribute in mapper.attributes.items() if not attribute.is_relationship]
        missing = [key for key in columns if fetch(instance, key, MISSING) is MISSING]
        if not state.expired and wanted is not None:
            missing = [wanted]
        else:
            missing = [key for key in missing if key not in mapper.deferred or key == wanted]
        statement = _sa.select(*[getattr(mapper.class_, key) for key in missing])
        for key, value in zip(mapper.primary_keys, state.key[1]):
            statement = statement.where(getattr(mapper.class_, key) == value)
        self._autoflush()
        found = self.connection().execute(statement).first()
        if found is None:
            raise ObjectDeletedError(f"Instance '{_shown(instance)}' has been deleted, or its row is otherwise not present.")
        for key, value in zip(missing, found):
            if fetch(instance, key, MISSING) is MISSING:
                put(state, instance, key, value)
        state.expired = False

    def _rows(self, statement, parameters, options, autoflush=True, populate=False):
        """Runs a SELECT; names, rows with instances in them, and whether it is about one mapped class only."""
        kind, is_orm, items, own = describe(statement)
        loading = loader_options(list(options) + own)
        if autoflush:
            self._autoflush()
        plan, at, shift = [], 0, 0
        for index, (entity, width) in enumerate(items):
            if entity is None:
                plan.append((None, at, None))
                at += width
                continue
            mapper = mapper_of(entity_class(entity)).check()
            keys = loaded_keys(mapper, loading)
            if len(keys) < width:
                columns = [mapper.attributes[key].column.key for key in keys]
                statement = expand(statement, index + shift, columns)
                shift += len(keys) - 1
                width = len(keys)
                ordered = [mapper.keys[column.key] for column in mapper.local_table.columns]
                keys = [key for key in ordered if key in keys]
            plan.append((mapper, at, keys))
            at += width
        answer = self.connection().execute(statement, parameters)
        if all(mapper is None for mapper, _, _ in plan):
            return list(answer.keys()), [list(found) for found in answer], False
        given = list(answer.keys())
        names = [given[at] if mapper is None else mapper.class_.__name__ for mapper, at, _ in plan]
        rows = []
        for found in answer:
            values = list(found)
            made = []
            for mapper, at, keys in plan:
                if mapper is None:
                    made.append(values[at])
                else:
                    made.append(self._instance(mapper, keys, values[at : at + len(keys)], populate))
            rows.append(made)
        return names, rows, len(plan) == 1

    def _instance(self, mapper, keys, values, populate):
        """The instance of a row. orm/loading.py `_instance_processor`."""
        by_key = dict(zip(keys, values))
        identity = tuple(by_key[key] for key in mapper.primary_keys)
        if all(value is None for value in identity):
            return None
        key = (mapper.class_, identity)
        state = self._identity.get(key)
        instance = None if state is None else state.obj()
        if instance is None:
            instance = object.__new__(mapper.class_)
            state = State(instance, mapper)
            store(instance, "_sa_instance_state", state)
            state.session = self
            state.key = key
            self._identity[key] = state
            for name, value in by_key.items():
                put(state, instance, name, value)
            return instance
        if populate:
            state.expire()
        for name, value in by_key.items():
            if fetch(instance, name, MISSING) is MISSING:
                put(state, instance, name, value)
        state.expired = False
        return instance

    # statements

    def execute(self, statement, params=None, *, execution_options=None, bind_arguments=None, _parent_execute_state=None, _add_event=None):
        if isinstance(statement, Query):
            statement = statement.statement
        if is_unresolved(statement):
            refuse_unresolved(statement, "as a statement")
        if isinstance(statement, str):
            raise _sa.exc.ArgumentError(f"Textual SQL expression {statement!r} should be explicitly declared as text({statement!r})")
        kind, is_orm, items, own = describe(statement)
        if not is_orm:
            if not _sa.__version__.startswith("2.0."):
                self._autoflush()
            return self.connection().execute(statement, params)
        if kind == "select":
            if not own and all(entity is None for entity, _ in items):
                self._autoflush()
                return self.connection().execute(statement, params)
            names, rows, _ = self._rows(statement, params, [])
            return result(names, rows)
        if kind == "compound":
            self._autoflush()
            return self.connection().execute(statement, params)
        entity = entity_class(items[0][0])
        if kind == "insert":
            return self._insert(statement, entity, items, params)
        if isinstance(params, (list, tuple)):
            if kind == "update":
                self.bulk_update_mappings(entity, params)
                return result([], [])
            refuse("a DELETE of a mapped class with a list of parameters")
        if any(number is not None for number, _ in items[1:]):
            refuse(f"a {kind.upper()} of a mapped class that returns instances")
        how = (execution_options or {}).get("synchronize_session", "auto")
        return self._change(statement, how, params)

    def _insert(self, statement, entity, items, params):
        if len(items) > 1:
            refuse("an INSERT of a mapped class with RETURNING in `Session.execute`")
        self._autoflush()
        if isinstance(params, (list, tuple)):
            self.bulk_insert_mappings(entity, params)
            return result([], [])
        if params:
            self.bulk_insert_mappings(entity, [params])
            return result([], [])
        return self.connection().execute(statement)

    def scalar(self, statement, params=None, **keywords):
        return self.execute(statement, params, **keywords).scalar()

    def scalars(self, statement, params=None, **keywords):
        return self.execute(statement, params, **keywords).scalars()

    def _change(self, statement, how, params):
        """An UPDATE or DELETE of many rows: instances in the session follow it. orm/bulk_persistence.py."""
        self._autoflush()
        kind, is_orm, items, own = describe(statement)
        touched = []
        entity = entity_class(items[0][0]) if items and items[0][0] is not None else None
        if entity is not None and how is not False:
            mapper = mapper_of(entity).check()
            present = [state for key, state in self._identity.items() if key[0] is entity and state.obj() is not None]
            if present:
                columns = [getattr(entity, key) for key in mapper.primary_keys]
                found = self.connection().execute(matching(statement, columns), params)
                identities = {tuple(values) for values in found}
                touched = [state for state in present if state.key[1] in identities]
        answer = self.connection().execute(statement, params)
        for state in touched:
            if kind == "delete":
                self._identity.pop(state.key, None)
                state.deleted = True
                self._removed.append((state, state.obj()))
            else:
                instance = state.obj()
                keys = [key for key, attribute in state.mapper.attributes.items() if not attribute.is_relationship and key not in state.committed]
                keys = [key for key in keys if key not in state.mapper.primary_keys]
                state.expire(keys)
                state.expired = True
        return answer

    # in bulk

    def bulk_save_objects(self, objects, return_defaults=False, update_changed_only=True, preserve_order=True):
        for instance in objects:
            _unit.save_one(self, state_of(instance), instance, return_defaults, update_changed_only)

    def bulk_insert_mappings(self, mapper, mappings, return_defaults=False, render_nulls=False):
        _unit.insert_mappings(self, mapper_of(mapper).check(), mappings, return_defaults, render_nulls)

    def bulk_update_mappings(self, mapper, mappings):
        _unit.update_mappings(self, mapper_of(mapper).check(), mappings)


def _shown(instance):
    return f"<{type(instance).__name__} at {id(instance):#x}>"


def _related(relationship, instance):
    """What a relationship holds, as far as it is loaded."""
    value = fetch(instance, relationship.key, MISSING)
    if value is MISSING or value is None:
        return []
    return list(value) if relationship.uselist else [value]


def _loaded(relationship, instance):
    """What a relationship holds, read when it is not there."""
    if relationship.options.get("passive_deletes") and fetch(instance, relationship.key, MISSING) is MISSING:
        return []
    value = getattr(instance, relationship.key)
    if value is None:
        return []
    return list(value) if relationship.uselist else [value]


class sessionmaker:
    """Makes sessions alike."""

    def __init__(self, bind=None, *, class_=None, autoflush=True, expire_on_commit=True, info=None, **keywords):
        keywords.update(bind=bind, autoflush=autoflush, expire_on_commit=expire_on_commit)
        if info is not None:
            keywords["info"] = info
        self.kw = keywords
        self.class_ = class_ or Session

    def __call__(self, **keywords):
        unheard(self)
        return self.class_(**{**self.kw, **keywords})

    def configure(self, **keywords):
        self.kw.update(keywords)

    def begin(self):
        return _Begun(self())


class _Begun:
    def __init__(self, session):
        self.session = session

    def __enter__(self):
        return self.session

    def __exit__(self, kind, error, trace):
        if kind is None:
            self.session.commit()
        else:
            self.session.rollback()
        self.session.close()
        return False


class scoped_session:
    """One session for whoever asks."""

    def __init__(self, session_factory, scopefunc=None):
        self.session_factory = session_factory
        self._session = None

    def __call__(self, **keywords):
        if self._session is None:
            self._session = self.session_factory(**keywords)
        return self._session

    def configure(self, **keywords):
        self.session_factory.configure(**keywords)

    def remove(self):
        if self._session is not None:
            self._session.close()
        self._session = None

    def query_property(self, query_cls=None):
        refuse("`scoped_session.query_property`")

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self(), name)


def object_session(instance):
    return state_of(instance).session


def make_transient(instance):
    state = state_of(instance)
    if state.session is not None:
        state.session._drop(state, instance)
    state.key = None
    state.deleted = False
    state.committed = {}


def flag_modified(instance, key):
    """Says that an attribute was changed in place."""
    state = state_of(instance)
    state.note(instance, key, MISSING)
    state.committed[key] = MISSING


def flag_dirty(instance):
    state = state_of(instance)
    if state.session is not None and state.key is not None:
        state.session._changed[id_of(state)] = (state, instance)
