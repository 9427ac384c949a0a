"""What a table is, as batch_changes.py knows it: columns with the values that the rows have, constraints, indexes.

The values are read once and follow every change of a type by SQLite's own CAST, so that a new constraint is mostly one that the rows meet.
"""
import sqlite3

from batch_tables import Known, quoted

MEMORY = sqlite3.connect(":memory:")


class Field:
    """A column."""

    def __init__(self, name, type_, values):
        self.name, self.type, self.values = name, type_, values
        self.is_nullable, self.is_new, self.is_generated, self.collation = True, False, False, "BINARY"
        self.renamed = None


def same(value, collation):
    """What an index takes for equal."""
    if isinstance(value, str):
        return {"NOCASE": value.lower(), "RTRIM": value.rstrip(" ")}.get(collation, value)
    return (value,) if isinstance(value, bytes) else value


def cast(value, type_):
    """SQLite's value in a column of another type."""
    try:
        return MEMORY.execute(f"SELECT CAST(? AS {type_})", (value,)).fetchone()[0]
    except (sqlite3.Error, OverflowError):
        return value


class State:
    def __init__(self, case, database):
        connection = sqlite3.connect(database)
        connection.text_factory = lambda text: text.decode(errors="surrogateescape")
        self.fields = {}
        for column in case.columns:
            try:
                values = [row[0] for row in connection.execute(f"SELECT {quoted(column.name)} FROM {quoted(case.name)}")]
            except sqlite3.Error:
                values = []
            field = Field(column.name, column.type, values)
            field.is_nullable, field.is_generated, field.collation = column.nullable, column.generated, column.collation
            self.fields[column.name] = field
        self.parents = {name: {row[0] for row in connection.execute(f"SELECT {name} FROM p")} for name in ("id", "u")}
        connection.close()
        self.known, self.indexes, self.key = list(case.known), list(case.indexes), list(case.key)
        self.name, self.is_strict, self.is_seen = case.name, case.strict, case.is_seen and not case.legacy
        self.enforced, self.has_child, self.is_rowless = case.enforced, case.has_child, case.rowless

    def copy_rows(self):
        return max((len(field.values) for field in self.fields.values()), default=0)

    # a batch: columns go by the names they had before it

    def begin(self):
        for thing in [*self.fields.values(), *self.indexes]:
            thing.is_new = False

    def finish(self, is_copied):
        """New names hold from here on."""
        new = {name: field.renamed or name for name, field in self.fields.items()}
        for field in self.fields.values():
            field.name, field.renamed = field.renamed or field.name, None
        self.fields = {field.name: field for field in self.fields.values()}
        for thing in self.known + self.indexes:
            thing.columns = [new.get(name, name) for name in thing.columns]
            if thing.referred[:1] == [self.name]:
                thing.referred[1:] = [new.get(name, name) for name in thing.referred[1:]]
        self.key = [new.get(name, name) for name in self.key]
        if is_copied:
            # Alembic leaves these
            self.indexes = [index for index in self.indexes if not index.is_expression]
            self.known = [known for known in self.known if known.kind != "check" or known.name]

    def drop(self, name):
        del self.fields[name]
        self.known = [known for known in self.known if name not in known.columns or known.kind == "check" and known.name]
        self.key = [known for known in self.key if known != name]

    def column_names(self, *, is_old=False):
        return [field.name for field in self.fields.values() if not field.is_generated and not (is_old and field.is_new)]

    def names_of(self, kinds):
        return [known for known in self.known if known.name and not known.is_inline and known.kind in kinds]

    # what rows there are meet

    def has_null(self, name):
        return any(value is None for value in self.fields[name].values)

    def is_distinct(self, columns):
        fields = [self.fields[name] for name in columns]
        rows = [row for row in zip(*(map(same, field.values, [field.collation] * len(field.values)) for field in fields)) if None not in row]
        return len(set(rows)) == len(rows)

    def is_there(self, kind, columns, referred=()):
        """Whether there is one alike: which of two Alembic keeps is left to chance."""
        return any((known.kind, known.columns, known.referred) == (kind, columns, list(referred)) for known in self.known)

    def is_unique(self, name):
        """Whether something wants the values to differ."""
        unique = [thing.columns for thing in self.known if thing.kind == "unique"] + [index.columns for index in self.indexes if index.is_unique]
        return name in self.key or any(name in columns for columns in unique)

    def is_named(self, name):
        """Whether a text says the name, which Alembic does not follow: a CHECK, the condition of an index, an index over expressions."""
        checks = [known for known in self.known if known.kind == "check" and known.name]
        return any(name in thing.columns for thing in checks + [index for index in self.indexes if index.is_partial or index.is_expression])

    def is_used(self, name):
        """Whether DROP COLUMN in place fails."""
        return name in self.key or any(name in thing.columns for thing in self.known + self.indexes)

    def refers_well(self, name, target, referred):
        values = self.parents[referred] if target == "p" else set(self.fields[referred].values)
        return all(value is None or value in values for value in self.fields[name].values)

    def is_long(self, name):
        """Whether there is a float of more digits than every release of SQLite writes."""
        return any(isinstance(value, float) and float(f"{value:.15g}") != value for value in self.fields[name].values)

    def recast(self, name, type_):
        """The values as another type has them."""
        return [cast(value, type_) for value in self.fields[name].values]

    def takes(self, name, type_):
        """Whether a change of the type breaks nothing that is unique, and has the same outcome with every release."""
        if self.is_long(name):
            return False
        if not self.is_unique(name):
            return True
        values = self.recast(name, type_)
        if name in self.key and type_ == "INTEGER" and not all(isinstance(value, int) for value in values):
            return False
        return len(set(map(repr, values))) == len(set(map(repr, self.fields[name].values)))


def index_of(name, columns, is_unique=False, is_expression=False, is_partial=False):
    index = Known("index", name, columns)
    index.is_unique, index.is_expression, index.is_partial, index.is_new = is_unique, is_expression, is_partial, True
    return index
