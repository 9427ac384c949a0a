"""alembic_utils/pg_function.py"""
from sqlalchemy import text as sql_text

from alembic_utils.exceptions import SQLParseFailure
from alembic_utils.replaceable_entity import ReplaceableEntity
from alembic_utils.statement import (
    escape_colon_for_plpgsql,
    escape_colon_for_sql,
    matched,
    normalize_whitespace,
    strip_terminating_semicolon,
)


class PGFunction(ReplaceableEntity):
    type_ = "function"

    def __init__(self, schema, signature, definition):
        super().__init__(schema, signature, definition)
        words = normalize_whitespace(definition).lower().replace("'", "")
        escape = escape_colon_for_plpgsql if "language plpgsql" in words else escape_colon_for_sql
        self.definition = escape(strip_terminating_semicolon(definition))

    @classmethod
    def from_sql(cls, sql):
        template = "create{}function{:s}{schema}.{signature}{:s}returns{:s}{definition}"
        found = matched(template, sql.strip())
        if found is None:
            raise SQLParseFailure(f'Failed to parse SQL into PGFunction """{sql}"""')
        signature = found["signature"]
        if signature.startswith('"'):
            signature = signature.replace('"', "", 2)
        return cls(schema=found["schema"], signature=signature, definition="returns " + found["definition"])

    @property
    def literal_signature(self):
        name, rest = self.signature.split("(", 1)
        return f'"{name.strip()}"({rest}'

    def _created(self, words):
        return sql_text(f"{words} {self.literal_schema}.{self.literal_signature} {self.definition}")

    def to_sql_statement_create(self):
        return self._created("CREATE FUNCTION")

    def to_sql_statement_create_or_replace(self):
        yield self._created("CREATE OR REPLACE FUNCTION")

    def to_sql_statement_drop(self, cascade=False):
        found = matched("{function_name}({parameters})", self.signature)
        if found is None:
            found = matched("{function_name}()", self.signature)
            name, parameters = found["function_name"].strip(), ""
        else:
            name, parameters = found["function_name"].strip(), found["parameters"].strip()
        # A default value is cut off; one with a comma in it is not understood, as upstream.
        kept = [one[: len(one.lower().split("default")[0])].strip() for one in parameters.split(",")]
        return sql_text(
            f'DROP FUNCTION {self.literal_schema}."{name}"({", ".join(kept)}) {"cascade" if cascade else ""}'
        )

    @classmethod
    def from_database(cls, sess, schema):
        """The schema is compared, not a pattern as with the other kinds; procedures, aggregates and what an extension owns are left out."""
        rows = sess.execute(
            sql_text(
                "SELECT CASE WHEN l.lanname = 'internal' THEN p.prosrc ELSE pg_get_functiondef(p.oid) END "
                "FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang "
                "WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname = :schema AND p.prokind = 'f' "
                "AND p.oid NOT IN (SELECT objid FROM pg_depend WHERE deptype = 'e' AND classid = 'pg_proc'::regclass)"
            ),
            {"schema": schema},
        )
        return [cls.from_sql(row[0]) for row in rows.fetchall()]
