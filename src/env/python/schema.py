"""The operations that env.py may put into a new revision: alembic/operations/ops.py, as far as they are written into its file."""

import sqlalchemy as sa
from alembic._facts import constraint as parts_of
from alembic._facts import constraints as constraints_of
from alembic._facts import index as index_parts
from alembic._facts import table as table_parts
from alembic._facts import without_keys
from alembic.operations._directives import MigrateOperation


def _table(name, schema, columns=(), **kw):
    return sa.Table(name, sa.MetaData(), *[sa.Column(column, sa.types.NULLTYPE) for column in columns], schema=schema, **kw)


def _given(**kw):
    return {key: value for key, value in kw.items() if value}


class AddConstraintOp(MigrateOperation):
    constraint_type = None

    @staticmethod
    def from_constraint(constraint):
        parts = parts_of(constraint)
        table = constraint.table
        name, schema = parts["name"], table.schema
        details, kw = parts["details"], parts["kwargs"]
        timing = _given(deferrable=parts["deferrable"], initially=parts["initially"])
        if parts["kind"] == "unique":
            return CreateUniqueConstraintOp(name, table.name, parts["columns"], schema=schema, **timing, **kw)
        if parts["kind"] == "primary_key":
            return CreatePrimaryKeyOp(name, table.name, parts["columns"], schema=schema, **kw)
        if parts["kind"] == "check":
            return CreateCheckConstraintOp(name, table.name, details, schema=schema, **kw)
        if parts["kind"] == "exclude":
            return CreateExcludeConstraintOp(
                name, table.name, details["elements"], details["where"], schema, using=details["using"], **timing
            )
        targets = [target.rsplit(".", 1) for target in details["targets"]]
        referent_schema, _, referent = targets[0][0].rpartition(".")
        phrases = {key: details[key] for key in ("onupdate", "ondelete", "initially", "deferrable", "use_alter", "match")}
        return CreateForeignKeyOp(
            name,
            table.name,
            referent,
            parts["columns"],
            [column for _, column in targets],
            **_given(**phrases),
            source_schema=schema,
            referent_schema=referent_schema or None,
            **kw,
        )

    @property
    def _own_table(self):
        return self.table_name, self.schema

    def reverse(self):
        dropped = {"primarykey": "primary", "exclude": None}.get(self.constraint_type, self.constraint_type)
        table_name, schema = self._own_table
        return DropConstraintOp(self.constraint_name, table_name, dropped, schema=schema, _reverse=self)

    def to_diff_tuple(self):
        return ("add_constraint", self.to_constraint())


class DropConstraintOp(MigrateOperation):
    def __init__(self, constraint_name, table_name, type_=None, *, schema=None, if_exists=None, _reverse=None):
        self.constraint_name = constraint_name
        self.table_name = table_name
        self.constraint_type = type_
        self.schema = schema
        self.if_exists = if_exists
        self._reverse = _reverse

    @classmethod
    def from_constraint(cls, constraint):
        return AddConstraintOp.from_constraint(constraint).reverse()

    def reverse(self):
        return AddConstraintOp.from_constraint(self.to_constraint())

    def to_constraint(self):
        if self._reverse is None:
            raise ValueError("constraint cannot be produced; original constraint is not present")
        made = self._reverse
        again = made.__class__.__new__(made.__class__)
        again.__dict__.update(made.__dict__)
        again.constraint_name = self.constraint_name
        if isinstance(again, CreateForeignKeyOp):
            again.source_table = self.table_name
            again.kw = {**again.kw, "source_schema": self.schema}
        else:
            again.table_name, again.schema = self.table_name, self.schema
        return again.to_constraint()

    def to_diff_tuple(self):
        return ("remove_fk" if self.constraint_type == "foreignkey" else "remove_constraint", self.to_constraint())


class _OfColumns(AddConstraintOp):
    def __init__(self, constraint_name, table_name, columns, *, schema=None, **kw):
        self.constraint_name = constraint_name
        self.table_name = table_name
        self.columns = columns
        self.schema = schema
        self.kw = kw

    def to_constraint(self, migration_context=None):
        table = _table(self.table_name, self.schema, self.columns)
        made = self._class(*[table.c[name] for name in self.columns], name=self.constraint_name, **self.kw)
        table.append_constraint(made)
        return made


class CreatePrimaryKeyOp(_OfColumns):
    constraint_type = "primarykey"
    _class = sa.PrimaryKeyConstraint


class CreateUniqueConstraintOp(_OfColumns):
    constraint_type = "unique"
    _class = sa.UniqueConstraint


class CreateForeignKeyOp(AddConstraintOp):
    constraint_type = "foreignkey"

    def __init__(self, constraint_name, source_table, referent_table, local_cols, remote_cols, **kw):
        self.constraint_name = constraint_name
        self.source_table = source_table
        self.referent_table = referent_table
        self.local_cols = local_cols
        self.remote_cols = remote_cols
        self.kw = kw

    @property
    def _own_table(self):
        return self.source_table, self.kw.get("source_schema")

    def to_constraint(self, migration_context=None):
        kw = dict(self.kw)
        table = _table(self.source_table, kw.pop("source_schema", None), dict.fromkeys(self.local_cols))
        schema = kw.pop("referent_schema", None)
        path = f"{schema}.{self.referent_table}" if schema else self.referent_table
        made = sa.ForeignKeyConstraint(
            self.local_cols, [f"{path}.{name}" for name in self.remote_cols], name=self.constraint_name, **kw
        )
        table.append_constraint(made)
        return made

    def to_diff_tuple(self):
        return ("add_fk", self.to_constraint())


class CreateCheckConstraintOp(AddConstraintOp):
    constraint_type = "check"

    def __init__(self, constraint_name, table_name, condition, *, schema=None, **kw):
        self.constraint_name = constraint_name
        self.table_name = table_name
        self.condition = condition
        self.schema = schema
        self.kw = kw

    def to_constraint(self, migration_context=None):
        made = sa.CheckConstraint(self.condition, name=self.constraint_name, **self.kw)
        _table(self.table_name, self.schema).append_constraint(made)
        return made


class CreateExcludeConstraintOp(AddConstraintOp):
    constraint_type = "exclude"

    def __init__(self, constraint_name, table_name, elements, where=None, schema=None, **kw):
        self.constraint_name = constraint_name
        self.table_name = table_name
        self.elements = elements
        self.where = where
        self.schema = schema
        self.kw = kw

    def to_constraint(self, migration_context=None):
        from sqlalchemy.dialects.postgresql import ExcludeConstraint

        made = ExcludeConstraint(*self.elements, name=self.constraint_name, where=self.where, **self.kw)
        _table(self.table_name, self.schema).append_constraint(made)
        return made


class CreateIndexOp(MigrateOperation):
    def __init__(self, index_name, table_name, columns, *, schema=None, unique=False, if_not_exists=None, **kw):
        self.index_name = index_name
        self.table_name = table_name
        self.columns = columns
        self.schema = schema
        self.unique = unique
        self.if_not_exists = if_not_exists
        self.kw = kw

    @classmethod
    def from_index(cls, index):
        assert index.table is not None
        parts, table = index_parts(index), index.table
        return cls(
            index.name, table.name, parts["expressions"], schema=table.schema, unique=index.unique, **parts["kwargs"]
        )

    def reverse(self):
        name = self.to_index().name
        again = CreateIndexOp(
            name, self.table_name, self.columns, schema=self.schema, unique=self.unique, **self.kw
        )
        return DropIndexOp(name, self.table_name, schema=self.schema, _reverse=again, unique=self.unique, **self.kw)

    def to_index(self, migration_context=None):
        columns = [item.name if isinstance(item, sa.Column) else item for item in self.columns]
        table = _table(self.table_name, self.schema, dict.fromkeys(item for item in columns if isinstance(item, str)))
        return sa.Index(self.index_name, *columns, unique=self.unique, _table=table, **self.kw)

    def to_diff_tuple(self):
        return ("add_index", self.to_index())


class DropIndexOp(MigrateOperation):
    def __init__(self, index_name, table_name=None, *, schema=None, if_exists=None, _reverse=None, **kw):
        self.index_name = index_name
        self.table_name = table_name
        self.schema = schema
        self.if_exists = if_exists
        self._reverse = _reverse
        self.kw = kw

    @classmethod
    def from_index(cls, index):
        return CreateIndexOp.from_index(index).reverse()

    def reverse(self):
        columns = self._reverse.columns if self._reverse else ["x"]
        return CreateIndexOp(self.index_name, self.table_name or "no_table", columns, schema=self.schema, **self.kw)

    def to_index(self, migration_context=None):
        return self.reverse().to_index()

    def to_diff_tuple(self):
        return ("remove_index", self.to_index())


class CreateTableOp(MigrateOperation):
    def __init__(
        self,
        table_name,
        columns,
        *,
        schema=None,
        if_not_exists=None,
        _namespace_metadata=None,
        _constraints_included=False,
        **kw,
    ):
        self.table_name = table_name
        self.columns = columns
        self.schema = schema
        self.if_not_exists = if_not_exists
        self.info = kw.pop("info", {})
        self.comment = kw.pop("comment", None)
        self.prefixes = kw.pop("prefixes", None)
        self.kw = kw
        self._namespace_metadata = _namespace_metadata
        self._constraints_included = _constraints_included

    @classmethod
    def from_table(cls, table, *, _namespace_metadata=None):
        metadata = table.metadata if _namespace_metadata is None else _namespace_metadata
        parts = table_parts(table)
        return cls(
            table.name,
            list(table.c) + constraints_of(table),
            schema=table.schema,
            _namespace_metadata=metadata,
            _constraints_included=True,
            comment=table.comment,
            info=dict(table.info),
            prefixes=parts["prefixes"],
            **parts["kwargs"],
        )

    def _parts(self):
        """The columns, and the constraints."""
        if not self._constraints_included:
            table = self.to_table()
            return list(table.c), constraints_of(table)
        columns = [item for item in self.columns if isinstance(item, sa.Column)]
        return columns, [item for item in self.columns if isinstance(item, sa.Constraint)]

    def reverse(self):
        kw = {"comment": self.comment, "info": dict(self.info or {}), "prefixes": list(self.prefixes or []), **self.kw}
        columns, constraints = self._parts()
        again = CreateTableOp(
            self.table_name,
            columns + constraints,
            schema=self.schema,
            _namespace_metadata=self._namespace_metadata,
            _constraints_included=True,
            **kw,
        )
        return DropTableOp(self.table_name, schema=self.schema, table_kw=kw, _reverse=again)

    def to_table(self, migration_context=None):
        # A copy of a column has no foreign keys that are constraints of a table already.
        items = [without_keys(item) if isinstance(item, sa.Column) and item.table is not None else item for item in self.columns]
        return sa.Table(self.table_name, sa.MetaData(), *items, schema=self.schema, comment=self.comment, **self.kw)

    def to_diff_tuple(self):
        return ("add_table", self.to_table())


class DropTableOp(MigrateOperation):
    def __init__(self, table_name, *, schema=None, if_exists=None, table_kw=None, _reverse=None):
        self.table_name = table_name
        self.schema = schema
        self.if_exists = if_exists
        self.table_kw = table_kw or {}
        self.comment = self.table_kw.pop("comment", None)
        self.info = self.table_kw.pop("info", None)
        self.prefixes = self.table_kw.pop("prefixes", None)
        self._reverse = _reverse

    @classmethod
    def from_table(cls, table, *, _namespace_metadata=None):
        return CreateTableOp.from_table(table, _namespace_metadata=_namespace_metadata).reverse()

    def reverse(self):
        before = self._reverse
        return CreateTableOp(
            self.table_name,
            before.columns if before else [],
            schema=self.schema,
            _namespace_metadata=before._namespace_metadata if before else sa.MetaData(),
            _constraints_included=True,
            comment=self.comment,
            info=dict(self.info or {}),
            prefixes=list(self.prefixes or []),
            **self.table_kw,
        )

    def to_table(self, migration_context=None):
        return self.reverse().to_table()

    def to_diff_tuple(self):
        return ("remove_table", self.to_table())


class AlterTableOp(MigrateOperation):
    def __init__(self, table_name, *, schema=None):
        self.table_name = table_name
        self.schema = schema


class RenameTableOp(AlterTableOp):
    def __init__(self, old_table_name, new_table_name, *, schema=None):
        super().__init__(old_table_name, schema=schema)
        self.new_table_name = new_table_name


class CreateTableCommentOp(AlterTableOp):
    def __init__(self, table_name, comment, *, schema=None, existing_comment=None):
        super().__init__(table_name, schema=schema)
        self.comment = comment
        self.existing_comment = existing_comment

    def reverse(self):
        if self.existing_comment is None:
            return DropTableCommentOp(self.table_name, existing_comment=self.comment, schema=self.schema)
        return CreateTableCommentOp(
            self.table_name, self.existing_comment, existing_comment=self.comment, schema=self.schema
        )

    def to_table(self, migration_context=None):
        return _table(self.table_name, self.schema, comment=self.comment)

    def to_diff_tuple(self):
        return ("add_table_comment", self.to_table(), self.existing_comment)


class DropTableCommentOp(AlterTableOp):
    def __init__(self, table_name, *, schema=None, existing_comment=None):
        super().__init__(table_name, schema=schema)
        self.existing_comment = existing_comment

    def reverse(self):
        return CreateTableCommentOp(self.table_name, self.existing_comment, schema=self.schema)

    def to_table(self, migration_context=None):
        return _table(self.table_name, self.schema)

    def to_diff_tuple(self):
        return ("remove_table_comment", self.to_table())


class AlterColumnOp(AlterTableOp):
    def __init__(
        self,
        table_name,
        column_name,
        *,
        schema=None,
        existing_type=None,
        existing_server_default=False,
        existing_nullable=None,
        existing_comment=None,
        modify_nullable=None,
        modify_comment=False,
        modify_server_default=False,
        modify_name=None,
        modify_type=None,
        **kw,
    ):
        super().__init__(table_name, schema=schema)
        self.column_name = column_name
        self.existing_type = existing_type
        self.existing_server_default = existing_server_default
        self.existing_nullable = existing_nullable
        self.existing_comment = existing_comment
        self.modify_nullable = modify_nullable
        self.modify_comment = modify_comment
        self.modify_server_default = modify_server_default
        self.modify_name = modify_name
        self.modify_type = modify_type
        self.kw = kw

    # What may change: the word of the difference, the attribute, and the value that changes nothing.
    _CHANGES = (
        ("modify_type", "type", None),
        ("modify_nullable", "nullable", None),
        ("modify_default", "server_default", False),
        ("modify_comment", "comment", False),
    )

    def to_diff_tuple(self):
        found = []
        for word, what, unchanged in self._CHANGES:
            new = getattr(self, f"modify_{what}")
            if new is not unchanged:
                names = [name for name in ("nullable", "type", "server_default", "comment") if name != what]
                others = {f"existing_{name}": getattr(self, f"existing_{name}") for name in names}
                place = (word, self.schema, self.table_name, self.column_name)
                found.append((*place, others, getattr(self, f"existing_{what}"), new))
        return found

    def has_changes(self):
        changed = any(getattr(self, f"modify_{what}") is not unchanged for _, what, unchanged in self._CHANGES)
        return changed or any(key.startswith("modify_") for key in self.kw)

    def reverse(self):
        kw = dict(self.kw)
        for _, what, unchanged in self._CHANGES:
            kw[f"existing_{what}"] = getattr(self, f"existing_{what}")
            if getattr(self, f"modify_{what}") is not unchanged:
                kw[f"modify_{what}"] = getattr(self, f"modify_{what}")
        for key in [key for key in kw if key.startswith("modify_")]:
            before = "existing_" + key[len("modify_") :]
            kw[before], kw[key] = kw[key], kw[before]
        return self.__class__(self.table_name, self.column_name, schema=self.schema, **kw)


class AddColumnOp(AlterTableOp):
    def __init__(
        self,
        table_name,
        column,
        *,
        schema=None,
        if_not_exists=None,
        inline_references=None,
        inline_primary_key=None,
        **kw,
    ):
        super().__init__(table_name, schema=schema)
        self.column = column
        self.if_not_exists = if_not_exists
        self.inline_references = inline_references
        self.inline_primary_key = inline_primary_key
        self.kw = kw

    @classmethod
    def from_column(cls, col):
        return cls(col.table.name, col, schema=col.table.schema)

    @classmethod
    def from_column_and_tablename(cls, schema, tname, col):
        return cls(tname, col, schema=schema)

    def reverse(self):
        made = DropColumnOp.from_column_and_tablename(self.schema, self.table_name, self.column)
        made.if_exists = self.if_not_exists
        return made

    def to_column(self):
        return self.column

    def to_diff_tuple(self):
        return ("add_column", self.schema, self.table_name, self.column)


class DropColumnOp(AlterTableOp):
    def __init__(self, table_name, column_name, *, schema=None, if_exists=None, _reverse=None, **kw):
        super().__init__(table_name, schema=schema)
        self.column_name = column_name
        self.if_exists = if_exists
        self._reverse = _reverse
        self.kw = kw

    @classmethod
    def from_column_and_tablename(cls, schema, tname, col):
        return cls(tname, col.name, schema=schema, _reverse=AddColumnOp.from_column_and_tablename(schema, tname, col))

    def reverse(self):
        if self._reverse is None:
            raise ValueError("operation is not reversible; original column is not present")
        made = AddColumnOp.from_column_and_tablename(self.schema, self.table_name, self._reverse.column)
        made.if_not_exists = self.if_exists
        return made

    def to_column(self, migration_context=None):
        return self._reverse.column if self._reverse else sa.Column(self.column_name, sa.types.NULLTYPE)

    def to_diff_tuple(self):
        return ("remove_column", self.schema, self.table_name, self.to_column())


class BulkInsertOp(MigrateOperation):
    def __init__(self, table, rows, *, multiinsert=True):
        self.table = table
        self.rows = rows
        self.multiinsert = multiinsert
