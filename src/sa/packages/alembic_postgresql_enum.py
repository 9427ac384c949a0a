"""alembic_postgresql_enum: `op.sync_enum_values` and `op.add_enum_value`; the white space of the statements is upstream's."""
import enum
import re
from collections import namedtuple
from dataclasses import dataclass
from typing import Any, Callable, Optional

import sqlalchemy
from alembic.operations import MigrateOperation, Operations


class ColumnType(enum.Enum):
    COMMON = sqlalchemy.Enum
    ARRAY = sqlalchemy.ARRAY


Unspecified = object()


@dataclass(frozen=True)
class TableReference:
    table_name: str
    column_name: str
    table_schema: Optional[str] = Unspecified
    column_type: ColumnType = ColumnType.COMMON
    existing_server_default: Optional[str] = None

    @property
    def table_name_with_schema(self):
        table = f'"{self.table_name}"'
        return f'"{self.table_schema}".{table}' if self.table_schema else table

    @property
    def escaped_column_name(self):
        return f'"{self.column_name}"'


TableIndex = namedtuple("TableIndex", ["name", "definition"])


@dataclass
class Config:
    add_type_ignore: bool = False
    type_ignore_comment: str = "  # type: ignore[attr-defined]"
    include_name: Callable = lambda _: True
    drop_unused_enums: bool = True
    detect_enum_values_changes: bool = True
    force_dialect_support: bool = False
    ignore_enum_values_order: bool = False


_chosen = [Config()]


def set_configuration(config):
    _chosen[0] = config


def get_configuration():
    return _chosen[0]


def is_for_us(operations):
    dialect = operations.migration_context.dialect
    return dialect.name == "postgresql" or get_configuration().force_dialect_support


class Statements:
    """What is sent, statement by statement."""

    def __init__(self, operations):
        self.connection = operations.get_bind()

    def send(self, text):
        return self.connection.execute(sqlalchemy.text(text))

    def add_operator(self, schema, new, old, renamed, operator, name):
        function = f'"{schema}".{name}'
        if renamed:
            cases = " ".join(f"WHEN old_enum_val::text = '{a}' THEN '{b}'" for a, b in renamed)
            body = (
                f"SELECT new_enum_val::text {operator} CASE\n"
                f"                    {cases}\n"
                "\n"
                "                    ELSE old_enum_val::text\n"
                "                END;"
            )
        else:
            body = f"SELECT new_enum_val::text {operator} old_enum_val::text;"
        self.send(
            f"""
            CREATE FUNCTION {function}(
                new_enum_val {new}, old_enum_val {old}
            )
            RETURNS boolean AS $$
                {body}
            $$ LANGUAGE SQL IMMUTABLE
        """
        )
        self.send(
            f"""
        CREATE OPERATOR "{schema}".{operator} (
            leftarg = {new},
            rightarg = {old},
            procedure = {function}
        )
    """
        )

    def drop_operator(self, schema, new, old, operator, name):
        self.send(
            f"""
            DROP OPERATOR IF EXISTS "{schema}".{operator} (
                {new},
                {old}
            )
            """
        )
        self.send(
            f"""
        DROP FUNCTION "{schema}".{name}(
            new_enum_val {new}, old_enum_val {old}
        )
    """
        )

    def drop_index(self, index):
        parts = [part.strip('"') for part in index.name.rsplit(".", 1)]
        self.send("DROP INDEX IF EXISTS " + ".".join(f'"{part}"' for part in parts))

    def cast(self, reference, new, renamed):
        table, column = reference.table_name_with_schema, reference.escaped_column_name
        if reference.column_type == ColumnType.ARRAY:
            value = f"{column}::text[]"
            for a, b in renamed:
                value = f"array_replace({value}, '{a}', '{b}')"
            self.send(
                f"ALTER TABLE {table} \n"
                f"            ALTER COLUMN {column} TYPE {new}[]\n"
                f"            USING {value}::{new}[]\n"
                "            "
            )
        elif renamed:
            cases = " ".join(f"WHEN {column}::text = '{a}' THEN '{b}'::{new}" for a, b in renamed)
            self.send(
                f"ALTER TABLE {table} \n"
                f"                ALTER COLUMN {column} TYPE {new} \n"
                "                USING CASE \n"
                f"                {cases}\n"
                "\n"
                f"                ELSE {column}::text::{new}\n"
                "                END\n"
                "                "
            )
        else:
            self.send(
                f"ALTER TABLE {table} \n"
                f"                ALTER COLUMN {column} TYPE {new} \n"
                f"                USING {column}::text::{new}\n"
                "                "
            )

    def existing_default(self, schema, table, column):
        found = self.send(
            f"""
        SELECT column_default
        FROM information_schema.columns
        WHERE 
            table_schema = '{schema}' AND 
            table_name = '{table}' AND 
            column_name = '{column}'
    """
        )
        return found.scalar()


OPERATORS = (("!=", "new_old_not_equals"), ("=", "new_old_equals"))


def renamed_default(schema, default, name, renamed):
    new = f"{schema}.{name}" if schema else name

    def replace(text):
        for a, b in renamed:
            text = text.replace(f"'{a}'", f"'{b}'").replace(f'"{a}"', f'"{b}"')
        return text

    if default.startswith("ARRAY["):
        return re.sub(r"::[.\w]+", f"::{new}", replace(default))
    suffix = "[]" if default.endswith("[]") else ""
    return f"{replace(default[: default.find('::')])}::{new}{suffix}"


def renamed_index(index, schema, name, renamed):
    definition = index.definition
    for a, b in renamed:
        definition = definition.replace(f"'{a}'::{name}", f"'{b}'::{name}")
        if schema:
            definition = definition.replace(f"'{a}'::{schema}.{name}", f"'{b}'::{schema}.{name}")
    return TableIndex(index.name, definition)


def references(statements, schema, columns):
    for column in columns:
        if isinstance(column, TableReference):
            table_schema = schema if column.table_schema is Unspecified else column.table_schema
            yield TableReference(
                column.table_name,
                column.column_name,
                table_schema,
                column.column_type,
                column.existing_server_default,
            )
        elif isinstance(column, tuple):
            kind = column[2] if len(column) > 2 else ColumnType.COMMON
            default = statements.existing_default(schema, column[0], column[1])
            yield TableReference(column[0], column[1], schema, kind, default)
        else:
            raise ValueError("Affected columns must contain tuples or TableReferences")


@Operations.register_operation("sync_enum_values")
class SyncEnumValuesOp(MigrateOperation):
    @classmethod
    def sync_enum_values(
        cls,
        operations,
        enum_schema,
        enum_name,
        new_values,
        affected_columns,
        enum_values_to_rename=(),
        indexes_to_recreate=None,
    ):
        if not is_for_us(operations):
            return
        renamed = list(enum_values_to_rename)
        run = Statements(operations)
        columns = list(references(run, enum_schema, affected_columns))
        new = f'"{enum_schema}"."{enum_name}"'
        old_name = f'"{enum_name}_old"'
        old = f'"{enum_schema}".{old_name}'
        indexes = indexes_to_recreate or []
        if renamed:
            indexes = [renamed_index(index, enum_schema, enum_name, renamed) for index in indexes]

        run.send(f"ALTER TYPE {new} RENAME TO {old_name}")
        values = ", ".join(f"'{value}'" for value in new_values)
        run.send(f"CREATE TYPE {new} AS ENUM({values})")
        for operator, name in OPERATORS:
            run.add_operator(enum_schema, new, old, renamed, operator, name)
        for index in indexes:
            run.drop_index(index)
        for column in columns:
            default = column.existing_server_default
            table, quoted = column.table_name_with_schema, column.escaped_column_name
            if default is not None:
                run.send(f"ALTER TABLE {table}\n             ALTER COLUMN {quoted} DROP DEFAULT")
            run.cast(column, new, renamed)
            if default is not None:
                default = renamed_default(enum_schema, default, enum_name, renamed)
                run.send(
                    f"ALTER TABLE {table}\n            ALTER COLUMN {quoted} SET DEFAULT {default}"
                )
        for operator, name in OPERATORS:
            run.drop_operator(enum_schema, new, old, operator, name)
        run.send(f"DROP TYPE {old}")
        for index in indexes:
            run.send(index.definition)


@Operations.register_operation("add_enum_value")
class AddEnumValuesOp(MigrateOperation):
    @classmethod
    def add_enum_value(cls, operations, enum_schema, enum_name, new_value, before_value=None):
        if not is_for_us(operations):
            return
        # Upstream's "before" is written AFTER.
        place = f" AFTER '{before_value}'" if before_value else ""
        Statements(operations).send(
            f"""ALTER TYPE "{enum_schema}"."{enum_name}" ADD VALUE '{new_value}'{place}"""
        )
