"""alembic_utils/pg_grant_table.py"""
from dataclasses import dataclass
from enum import Enum
from typing import List

from sqlalchemy import text as sql_text

from alembic_utils.exceptions import BadInputException
from alembic_utils.replaceable_entity import ReplaceableEntity
from alembic_utils.statement import coerce_to_quoted, coerce_to_unquoted


class PGGrantTableChoice(str, Enum):
    SELECT = "SELECT"
    INSERT = "INSERT"
    UPDATE = "UPDATE"
    REFERENCES = "REFERENCES"
    DELETE = "DELETE"
    TRUNCATE = "TRUNCATE"
    TRIGGER = "TRIGGER"

    def __str__(self):
        return str.__str__(self)

    def __repr__(self):
        return f"'{str.__str__(self)}'"


C = PGGrantTableChoice

_OF_COLUMNS = (C.SELECT, C.INSERT, C.UPDATE, C.REFERENCES)


@dataclass(frozen=True, eq=True, order=True)
class SchemaTableRole:
    schema: str
    table: str
    role: str
    grant: PGGrantTableChoice
    with_grant_option: str


@dataclass
class PGGrantTable(ReplaceableEntity):
    schema: str
    table: str
    columns: List[str]
    role: str
    grant: PGGrantTableChoice
    with_grant_option: bool

    type_ = "grant_table"

    def __init__(self, schema, table, role, grant, columns=None, with_grant_option=False):
        self.schema = coerce_to_unquoted(schema)
        self.table = coerce_to_unquoted(table)
        self.columns = sorted(columns) if columns else []
        self.role = coerce_to_unquoted(role)
        self.grant = PGGrantTableChoice(grant)
        self.with_grant_option = with_grant_option
        self.signature = self.identity
        needs_columns = self.grant in _OF_COLUMNS
        if needs_columns != bool(self.columns):
            must = "must be" if needs_columns else "must not be"
            raise BadInputException(f"When grant type is {self.grant} a value {must} provided for columns")

    @classmethod
    def from_sql(cls, sql):
        raise NotImplementedError()

    @property
    def identity(self):
        return f"{self.__class__.__name__}: {self.schema}.{self.table}.{self.role}.{self.grant}"

    @property
    def definition(self):
        return str(self)

    def to_variable_name(self):
        return f"{self.schema}_{self.table}_{self.role}_{self.grant}".lower()

    @property
    def _target(self):
        return f"{self.literal_schema}.{coerce_to_quoted(self.table)}"

    def to_sql_statement_create(self):
        columns = f"( {', '.join(self.columns)} )" if self.columns else ""
        option = " WITH GRANT OPTION" if self.with_grant_option else ""
        return sql_text(f"GRANT {self.grant} {columns} ON {self._target} TO {coerce_to_quoted(self.role)} {option}")

    def to_sql_statement_drop(self, cascade=False):
        return sql_text(f"REVOKE {self.grant} ON {self._target} FROM {coerce_to_quoted(self.role)}")

    def to_sql_statement_create_or_replace(self):
        yield self.to_sql_statement_drop()
        yield self.to_sql_statement_create()

    @classmethod
    def from_database(cls, sess, schema="%"):
        """What the current user has granted to others than superusers."""
        head = "SELECT table_schema, table_name, grantee, privilege_type, is_grantable"
        tail = (
            "g JOIN pg_roles r ON r.rolname = g.grantee WHERE NOT r.rolsuper AND g.grantor = CURRENT_USER "
            "AND g.table_schema LIKE :schema AND g.privilege_type IN"
        )
        of_columns = sql_text(
            f"{head}, column_name FROM information_schema.role_column_grants {tail} "
            "('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')"
        )
        of_tables = sql_text(
            f"{head} FROM information_schema.role_table_grants {tail} ('DELETE', 'TRUNCATE', 'TRIGGER')"
        )
        grouped = {}
        for row in sess.execute(of_columns, {"schema": schema}).fetchall():
            grouped.setdefault(tuple(row[:5]), []).append(row[5])
        whole = [(tuple(row), None) for row in sess.execute(of_tables, {"schema": schema}).fetchall()]
        return [
            cls(schema=owner, table=table, role=role, grant=grant, columns=columns, with_grant_option=option == "YES")
            for (owner, table, role, grant, option), columns in [*sorted(grouped.items()), *whole]
        ]
