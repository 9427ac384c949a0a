"""alembic_utils/pg_policy.py"""
from sqlalchemy import text as sql_text

from alembic_utils.exceptions import SQLParseFailure
from alembic_utils.on_entity_mixin import OnEntityMixin
from alembic_utils.replaceable_entity import ReplaceableEntity
from alembic_utils.statement import coerce_to_quoted, matched


class PGPolicy(OnEntityMixin, ReplaceableEntity):
    type_ = "policy"

    @classmethod
    def from_sql(cls, sql):
        template = "create policy{:s}{signature}{:s}on{:s}{on_entity}{:s}{definition}"
        found = matched(template, sql.strip())
        if found is None:
            raise SQLParseFailure(f'Failed to parse SQL into PGPolicy """{sql}"""')
        table = found["on_entity"]
        if "." not in table:
            table = "public." + table
        return cls(
            schema=table.partition(".")[0],
            signature=found["signature"],
            definition=found["definition"],
            on_entity=table,
        )

    @property
    def _name(self):
        return f"{self.signature} on {self.on_entity}"

    def to_sql_statement_create(self):
        return sql_text(f"CREATE POLICY {self._name} {self.definition}")

    def to_sql_statement_drop(self, cascade=False):
        return sql_text(f"DROP POLICY {self._name} {'cascade' if cascade else ''}")

    def to_sql_statement_create_or_replace(self):
        yield sql_text(f"DROP POLICY IF EXISTS {self._name};")
        yield sql_text(f"CREATE POLICY {self._name} {self.definition};")

    @classmethod
    def from_database(cls, connection, schema):
        rows = connection.execute(
            sql_text(
                "SELECT schemaname, tablename, policyname, permissive, roles, cmd, qual, with_check "
                f"FROM pg_policies WHERE schemaname = '{schema}'"
            )
        )
        found = []
        for owner, table, name, permissive, roles, command, condition, check in rows.fetchall():
            parts = []
            for words, value in (
                ("as", permissive),
                ("for", command),
                ("to", roles if roles is None else ", ".join(roles)),
                ("using", condition),
                ("with check", check),
            ):
                if value is not None:
                    bare = words in ("using", "with check") and value[0] != "("
                    parts.append(f"{words} ({value}) " if bare else f"{words} {value} ")
            names = [coerce_to_quoted(one) for one in (name, owner, table)]
            found.append(cls.from_sql(f"create policy {names[0]} on {names[1]}.{names[2]} {''.join(parts)}"))
        return found
