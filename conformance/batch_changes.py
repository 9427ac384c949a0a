"""Random batch migrations over the tables of batch_tables.py. Most can work: what they ask for is what the rows and the constraints allow
(batch_state.py); the rest is left to chance."""
from batch_state import Field, State, index_of
from batch_tables import ACTIONS, Known, quoted

# a type, and what SQLite reads
SA_TYPES = [
    ("sa.Integer()", "INTEGER"), ("sa.BigInteger()", "BIGINT"), ("sa.SmallInteger()", "SMALLINT"), ("sa.String(30)", "VARCHAR(30)"), ("sa.String()", "VARCHAR"),
    ("sa.Text()", "TEXT"), ("sa.Float()", "FLOAT"), ("sa.Numeric(12, 4)", "NUMERIC(12, 4)"), ("sa.Boolean()", "BOOLEAN"), ("sa.Date()", "DATE"),
    ("sa.DateTime()", "DATETIME"), ("sa.Time()", "TIME"), ("sa.LargeBinary()", "BLOB"), ("sa.JSON()", "JSON"), ("sa.CHAR(4)", "CHAR(4)"),
    ("sa.Unicode(9)", "VARCHAR(9)"), ("sa.Enum('a', 'b', name='en')", "VARCHAR(1)"), ("sa.Uuid()", "CHAR(32)"), ("sa.Double()", "DOUBLE"),
    ("sa.Integer().with_variant(sa.Text(), 'sqlite')", "TEXT"), ("sa.TIMESTAMP()", "TIMESTAMP"),
]
STRICT_SA_TYPES = [("sa.Integer()", "INTEGER"), ("sa.Text()", "TEXT"), ("sa.REAL()", "REAL"), ("sa.LargeBinary()", "BLOB")]
# with a CHECK, or a type around another
CHECKED_TYPES = [("sa.Boolean(create_constraint=True, name='{}')", "BOOLEAN", (0, 1)), ("sa.Enum('p', 'q', name='{}', create_constraint=True)", "VARCHAR(1)", ("p", "q"))]
COLLATED = ("sa.String(40, collation='NOCASE')", "VARCHAR(40)")
INTERVAL = ("sa.Interval()", "DATETIME")
CONSTANTS = ["'7'", "'x'", "''", "sa.literal('l')", "sa.text(\"'t'\")", "sa.text('0')", "sa.false()", "sa.literal(3)"]
MOMENTS = ["sa.text('(1 + 1)')", "sa.func.now()", "sa.text('CURRENT_TIMESTAMP')", "sa.text(\"(upper('x'))\")"]
CONVENTIONS = [
    '{"uq": "uq_%(table_name)s_%(column_0_name)s", "fk": "fk_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s", "ix": "ix_%(column_0_label)s"}',
    '{"uq": "uq_%(table_name)s_%(column_0_name)s", "fk": "fk_%(table_name)s_%(column_0_name)s", "ck": "ck_%(table_name)s_%(constraint_name)s"}',
]
HEAD = "import sqlalchemy as sa\nfrom alembic import op\n\nrevision = {revision!r}\ndown_revision = {before!r}\n\n\ndef upgrade():\n"


def text_of(expression):
    return f"sa.text({expression!r})"


class Changes:
    """What a chain of revisions does to a case."""

    def __init__(self, case, database):
        self.case, self.random = case, case.random
        self.state = State(case, database)
        # how often a chain does what cannot work
        self.wild = 0.3 if self.chance(0.1) else 0.008

    def chance(self, share):
        return self.random.random() < share

    def is_wild(self):
        return self.chance(self.wild)

    def one(self, *, is_old=False):
        """Mostly a column that is there."""
        names = self.state.column_names(is_old=is_old)
        if not names or self.is_wild() and self.chance(0.05):
            return "no_such"
        return self.random.choice(names)

    def several(self, is_old=False):
        return list(dict.fromkeys(self.one(is_old=is_old) for _ in range(self.random.choice([1, 1, 2]))))

    def type(self):
        types = STRICT_SA_TYPES if self.state.is_strict and not self.is_wild() else SA_TYPES if self.chance(0.985) else [COLLATED]
        return self.random.choice(types)

    def revision(self, before, name):
        """The text of one revision."""
        lines = []
        several = self.chance(0.25) and not self.is_fixed()
        for _ in range(2 if several else 1):
            lines += self.batch(several)
        if self.chance(0.12):
            number = self.random.randint(100, 999)
            self.state.parents["id"].add(number)
            lines.insert(0, f"op.execute(\"INSERT INTO p VALUES ({number}, NULL)\")")
        if self.chance(0.06):
            lines += self.update()
        return HEAD.format(revision=name, before=before) + "".join(f"    {line}\n" for line in lines)

    def update(self):
        """Rows that a migration changes itself."""
        names = [name for name in self.state.column_names() if not self.state.is_used(name) and "%" not in name and ":" not in name]
        if not names or self.state.is_strict:
            return []
        name = self.random.choice(names)
        self.state.fields[name].values = [7] * self.state.copy_rows()
        return [f"op.execute({f'UPDATE {quoted(self.case.name)} SET {quoted(name)} = 7'!r})"] if "%" not in self.case.name else []

    def is_fixed(self):
        """Whether a copy of the table fails: a view or a trigger of another table sees it, or Alembic writes a generated column."""
        return self.state.is_seen or any(field.is_generated for field in self.state.fields.values())

    def batch(self, several):
        self.state.begin()
        body, arguments, is_fixed = [], [], self.is_fixed()
        generated = [field.name for field in self.state.fields.values() if field.is_generated]
        # what is altered in place is committed at once: alone in its revision
        self.recreate = "always" if several else self.random.choice(["auto"] * 6 + ["always"] * 4 + ["never"])
        if is_fixed and generated and not self.state.is_seen and self.chance(0.3):
            body += [f"    batch_op.{line}" for line in self.without(generated[0])]
            is_fixed = False
        elif is_fixed and not self.is_wild():
            self.recreate = self.random.choice(["auto", "never"])
        in_place = self.recreate == "never" or is_fixed and self.recreate != "always"
        self.convention = self.random.choice(CONVENTIONS) if self.chance(0.15) and not in_place else None
        if self.convention == CONVENTIONS[1] and any(known.kind == "check" and not known.name for known in self.state.known) and not self.is_wild():
            self.convention = None
        self.is_given = not in_place and self.chance(0.04)
        if self.is_given:
            self.recreate = "always"
            arguments.append(f"copy_from={self.copy()}")
        makers = self.makers_in_place() if in_place else self.makers()
        for _ in range(self.random.choice([1, 1, 2, 2, 3])):
            for line in self.random.choice(makers)() or []:
                body.append(f"    batch_op.{line}")
        is_copied = self.recreate == "always" or self.recreate == "auto" and not all("add_column" in line or "_index" in line for line in body)
        more = [] if in_place else self.arguments(several)
        if self.recreate != "auto":
            more.insert(0, f"recreate={self.recreate!r}")
        if self.convention:
            more.insert(0, f"naming_convention={self.convention}")
        self.state.finish(is_copied)
        return [f"with op.batch_alter_table({', '.join([repr(self.case.name), *more, *arguments])}) as batch_op:", *(body or ["    pass"])]

    def arguments(self, several):
        found, old = [], [field.name for field in self.state.fields.values() if not field.is_new and not field.is_generated]
        if self.chance(0.08) and len(old) > 2:
            found.append(f"partial_reordering=[{tuple(self.random.sample(old, self.random.choice([2, 2, 3])))!r}]")
        if self.chance(0.08) and old:
            name, column = self.case.fresh("ck_arg"), self.random.choice(old)
            text = self.random.choice(["1 = 1"] + [known.text for known in self.state.known if known.kind == "check" and not known.name and known.text and ":" not in known.text])
            clause = f"sa.CheckConstraint({text!r}, name='{name}')"
            if any(known.text == text and self.state.fields[known.columns[0]].renamed for known in self.state.known if known.columns and known.columns[0] in self.state.fields):
                clause = f"sa.CheckConstraint('1 = 1', name='{name}')"
            if self.chance(0.3) and "." not in column and not self.state.is_there("unique", [column]) and self.state.is_distinct([column]) and not self.state.fields[column].renamed:
                clause = f"sa.UniqueConstraint({column!r}, name='{name}')"
                self.state.known.append(Known("unique", name, [column]))
            else:
                self.state.known.append(Known("check", name, []))
            found.append(f"table_args=({clause},)")
        if self.chance(0.06) and not several and not self.state.is_rowless:
            found.append("table_kwargs=" + self.random.choice(['{"sqlite_autoincrement": True}'] * 3 + ['{"comment": "said"}']))
        if self.chance(0.05) and old and not self.is_given:
            column = self.random.choice([name for name in old if name not in self.state.key] or old)
            found.append(f"reflect_args=[sa.Column({column!r}, {self.type()[0]})]")
        elif self.chance(0.02) and not self.is_given:
            found.append('reflect_kwargs={"listeners": []}')
        return found

    def makers(self):
        return (
            [self.add_column] * 4 + [self.drop_column] * 2 + [self.alter_column] * 6 + [self.add_constraint] * 4 + [self.drop_constraint] * 3
            + [self.create_index] * 2 + [self.drop_index] + ([self.comment] if self.chance(0.1) else [])
        )

    def makers_in_place(self):
        if self.recreate == "never":
            return [self.add_column] * 3 + [self.drop_column_in_place, self.create_index, self.create_index, self.drop_index, self.rename_in_place]
        return [self.add_column] * 3 + [self.create_index] * 2 + [self.drop_index]

    def copy(self):
        """A Table for `copy_from`: the columns that are known, with types of their own, and mostly what else there is."""
        items, has_all = [repr(self.case.name), "sa.MetaData()"], self.chance(0.7)
        for field in self.state.fields.values():
            types = STRICT_SA_TYPES if self.state.is_strict else SA_TYPES[:12]
            if self.state.is_long(field.name):
                types = [("sa.Float()", "FLOAT")]
            type_, ddl = next((given for given in types if given[1] == field.type), None) or self.random.choice(types)
            field.values, field.type = self.state.recast(field.name, ddl), ddl
            has_null = self.state.has_null(field.name)
            more = f", primary_key=True{', nullable=True' if has_null else ''}" if field.name in self.state.key else "" if field.is_nullable or self.chance(0.3) else ", nullable=False"
            items.append(f"sa.Column({field.name!r}, {type_}{more})")
        kept = []
        for known in self.state.known if has_all else []:
            if any((known.kind, known.columns, known.referred) == (other.kind, other.columns, other.referred) for other in kept):
                continue
            if known.name and known.kind == "unique":
                items.append(f"sa.UniqueConstraint({', '.join(map(repr, known.columns))}, name={known.name!r})")
            elif known.name and known.kind == "foreignkey":
                to = [(known.referred[0], column) if "." in column else f"{known.referred[0]}.{column}" for column in known.referred[1:]]
                items.append(f"sa.ForeignKeyConstraint({known.columns!r}, {to!r}, name={known.name!r})")
            else:
                continue
            known.is_inline = False
            kept.append(known)
        indexes = [index for index in self.state.indexes if has_all and not index.is_expression]
        items += [f"sa.Index({index.name!r}, {', '.join(map(repr, index.columns))}{', unique=True' if index.is_unique else ''})" for index in indexes]
        self.state.known, self.state.indexes = kept, indexes
        return f"sa.Table({', '.join(items)})"

    def new_type(self, more, name):
        """A type for a new column."""
        if more or self.state.is_strict or not self.chance(0.1):
            return self.type()
        text, ddl, _ = self.random.choice(CHECKED_TYPES)
        constraint = self.case.fresh("ck_new") if self.chance(0.8) else "ck_same"
        if constraint != "ck_same":
            self.state.known.append(Known("check", constraint, [name]))
        return text.format(constraint), ddl

    def add_column(self):
        name, more = self.case.fresh("new"), []
        in_place = self.recreate == "never"
        default = None
        if not in_place and self.chance(0.15):
            constraint = self.case.fresh("fk_new")
            more.append(f"sa.ForeignKey('p.id', name='{constraint}'{self.random.choice(['', '', ', ondelete=' + repr(self.random.choice(ACTIONS))])})")
            self.state.known.append(Known("foreignkey", constraint, [name], ["p", "id"]))
        has_key = bool(more)
        nullable = True
        type_, ddl = self.new_type(more, name)
        if self.chance(0.5) and not (has_key and self.state.enforced) and "create_constraint" not in type_ and not (self.state.is_strict and ddl == "BLOB"):
            default = self.random.choice(["'7'", "sa.text('0')"] if self.state.is_strict else CONSTANTS + ([] if in_place and not self.is_wild() else MOMENTS) + ["sa.text('NULL')"])
            more.append(f"server_default={default}")
            if self.chance(0.6) and (default != "sa.text('NULL')" or self.is_wild()) and not has_key:
                more.append("nullable=False")
                nullable = False
        elif self.chance(0.8):
            more.append("nullable=True")
        if self.is_wild() and self.chance(0.3):
            more.append("unique=True")
        if self.chance(0.06):
            more.append("index=True")
            self.state.indexes.append(index_of(f"ix_{self.case.name}_{name}", [name]))
        if self.chance(0.04):
            more.append("comment='it''s said'")
        field = Field(name, ddl, [None if default is None else default] * self.state.copy_rows())
        if default is None and self.chance(0.03):
            # a generated column, which Alembic cannot copy later
            more = [f"sa.Computed('1 + 1'{self.random.choice(['', ', persisted=False', ', persisted=True' if not in_place else ''])})"]
            field.is_generated = True
        elif not more and self.chance(0.1):
            more.append("sa.Identity()")
        field.is_new, field.is_nullable, field.values = True, nullable, field.values if default is None else ["x"] * len(field.values)
        place = ""
        if self.recreate == "always" and self.chance(0.4):
            place = f", insert_{self.random.choice(['before', 'after'])}={self.one(is_old=not self.is_wild())!r}"
        self.state.fields[name] = field
        return [f"add_column({', '.join([f'sa.Column({name!r}, {type_}', *more])}){place})"]

    def drop_column(self):
        old = [name for name in self.state.column_names() if name not in self.state.key or self.chance(0.15)]
        if len(self.state.fields) < 3 or not old:
            return None
        name = self.random.choice(old)
        if self.is_wild():
            self.state.drop(name)
            return [f"drop_column({name!r})"]
        is_needed = any(known.kind == "generated" and name in known.columns for known in self.state.known)
        is_indexed = any(name in index.columns and (index.is_new or index.is_expression) for index in self.state.indexes)
        if is_needed or is_indexed or self.state.fields[name].is_new and self.chance(0.8):
            return None
        return self.without(name)

    def without(self, name):
        """Drops a column, first what needs it."""
        lines = []
        for index in [index for index in self.state.indexes if name in index.columns]:
            # one over expressions Alembic does not know
            if not index.is_expression:
                lines.append(f"drop_index({index.name!r})")
            self.state.indexes.remove(index)
        for known in [known for known in self.state.known if known.kind == "check" and known.name and name in known.columns]:
            lines.append(f"drop_constraint({known.name!r}, type_='check')")
            self.state.known.remove(known)
        self.state.drop(name)
        return [*lines, f"drop_column({name!r})"]

    def drop_column_in_place(self):
        free = [name for name in self.state.column_names() if (not self.state.is_used(name) or self.is_wild()) and not self.state.fields[name].renamed]
        if len(self.state.fields) < 3 or not free or self.state.is_seen and not self.is_wild():
            return None
        name = self.random.choice(free)
        self.state.drop(name)
        return [f"drop_column({name!r})"]

    def rename_in_place(self):
        old = [name for name in self.state.column_names(is_old=True) if not self.state.fields[name].renamed]
        if not old:
            return None
        name = self.random.choice(old)
        new = self.case.fresh("ren")
        self.state.fields[name].renamed = new
        return [f"alter_column({name!r}, new_column_name={new!r})"]

    def alter_column(self):
        name, more = self.one(), []
        field = self.state.fields.get(name)
        if field is None:
            return [f"alter_column({name!r}, nullable=True)"]
        if self.chance(0.35):
            is_nullable = self.state.has_null(name) and not self.is_wild() or self.chance(0.5)
            more.append(f"nullable={is_nullable}")
        if self.chance(0.35) and not (field.is_new or field.renamed):
            more += self.another_type(field)
        if self.chance(0.3):
            more.append(f"server_default={self.random.choice(CONSTANTS + MOMENTS + ['None', 'None', 'None', 'False'])}")
        if self.chance(0.25) and not field.renamed and not field.is_new and (not self.state.is_named(name) or self.is_wild()):
            field.renamed = self.new_name(name)
            more.append(f"new_column_name={field.renamed!r}")
        if self.chance(0.3):
            more.append(f"existing_type={self.random.choice(SA_TYPES)[0] if self.chance(0.95) else INTERVAL[0]}")
        if self.chance(0.2):
            more.append("existing_nullable=True")
        if self.chance(0.1):
            more.append("existing_server_default=None")
        if self.chance(0.06):
            more.append("comment='said'")
        if self.chance(0.03):
            more.append("autoincrement=True")
        return [f"alter_column({', '.join([repr(name), *more])})"]

    def new_name(self, name):
        if self.chance(0.1) and name.lower() != name.upper() and name != "id":
            # the letters alone: the same column to SQLite
            new = name.swapcase()
            if new.lower() not in {known.lower() for known in self.state.fields if known != name}:
                return new
        return self.case.fresh("ren") if self.chance(0.8) else f"Ren amed{self.case.fresh('')}"

    def another_type(self, field):
        """`type_` that the values can have."""
        if self.chance(0.05) and not self.state.is_strict:
            text, ddl, allowed = self.random.choice(CHECKED_TYPES)
            if all(value is None or value in allowed for value in self.state.recast(field.name, ddl)) or self.is_wild():
                constraint = self.case.fresh("ck_typed")
                self.state.known.append(Known("check", constraint, [field.name]))
                field.values = self.state.recast(field.name, ddl)
                return [f"type_={text.format(constraint)}"]
        for _ in range(4):
            text, ddl = self.type() if self.state.is_strict or self.chance(0.95) else INTERVAL
            if self.state.takes(field.name, ddl) or self.is_wild():
                field.values, field.type = self.state.recast(field.name, ddl), ddl
                return [f"type_={text}"]
        return []

    def add_constraint(self):
        # Alembic reads `col.dot` as a schema and loses the constraint it was asked for
        columns = [column for column in self.several() if "." not in column]
        if not columns or any(column not in self.state.fields for column in columns):
            return None
        kind = self.random.choice(["unique", "unique", "check", "check", "foreignkey", "foreignkey", "primary"])
        name = self.case.fresh("made")
        is_again = kind != "primary" and self.chance(0.03)
        if is_again:
            # Alembic has it take the place of the one there is
            name = self.random.choice([known.name for known in self.state.names_of(("unique", "foreignkey", "check"))] or [name])
            self.state.known = [known for known in self.state.known if known.name != name]
        if self.is_given and kind == "primary":
            return None
        maker = {"unique": self.add_unique, "check": self.add_check, "foreignkey": self.add_foreign_key, "primary": self.add_key}[kind]
        line = maker(name, columns)
        if line and kind != "foreignkey":
            self.state.known.append(Known(kind, name, columns, is_inline=is_again))
        return line and [line]

    def add_unique(self, name, columns):
        if not self.state.is_distinct(columns) and not self.is_wild() or self.state.is_there("unique", columns):
            return None
        return f"create_unique_constraint({name!r}, {columns!r})"

    def add_check(self, name, columns):
        # the name that the column has afterwards
        after = self.state.fields[columns[0]].renamed or columns[0]
        del columns[1:]
        return f"create_check_constraint({name!r}, {quoted(after) + ' IS NOT 12345'!r})"

    def add_key(self, name, columns):
        fields = [self.state.fields[column] for column in columns]
        is_free = self.state.is_distinct(columns) and not any(self.state.has_null(column) for column in columns) and all(field.type.upper() != "INTEGER" for field in fields)
        if not self.chance(0.3) or not (is_free or self.is_wild()) or self.state.has_child and self.state.enforced:
            return None
        self.state.key = columns
        return f"create_primary_key({name!r}, {columns!r})"

    def add_foreign_key(self, name, columns):
        target = self.random.choice(["p", "p", self.case.name])
        referred = self.random.choice(["id", "id", "u"]) if target == "p" else self.one().replace("col.dot", "id")
        if target != "p" and referred not in self.state.fields:
            return None
        if self.state.enforced and not (self.state.refers_well(columns[0], target, referred) and (target == "p" or self.state.key == [referred])) and not self.is_wild():
            return None
        if self.state.is_there("foreignkey", columns[:1], [target, referred]):
            return None
        more = f", ondelete={self.random.choice(ACTIONS)!r}" if self.chance(0.4) else ""
        more += f", onupdate={self.random.choice(ACTIONS)!r}" if self.chance(0.1) else ""
        more += self.random.choice([", deferrable=True, initially='DEFERRED'", ", deferrable=True"]) if self.chance(0.2) else ""
        more += ", match='FULL'" if self.chance(0.03) else ""
        self.state.known.append(Known("foreignkey", name, columns[:1], [target, referred]))
        return f"create_foreign_key({name!r}, {target!r}, {columns[:1]!r}, [{referred!r}]{more})"

    def drop_constraint(self):
        if self.convention and self.chance(0.4):
            known = [known for known in self.state.known if known.kind in ("unique", "foreignkey") and not known.name]
            if known:
                known = self.random.choice(known)
                self.state.known.remove(known)
                prefix = {"unique": "uq", "foreignkey": "fk"}[known.kind]
                return [f"drop_constraint({f'{prefix}_{self.case.name}_{known.columns[0]}'!r}, type_={known.kind!r})"]
        known = self.state.names_of(("unique", "foreignkey", "check", "primary"))
        if not known:
            return None
        if self.is_wild() and self.chance(0.3):
            return ["drop_constraint('no_such', type_='unique')"]
        known = self.random.choice(known)
        if known.kind == "primary" and self.state.is_rowless and not self.is_wild():
            return None
        self.state.known.remove(known)
        if known.kind == "primary":
            self.state.key = []
        return [f"drop_constraint({known.name!r}{f', type_={known.kind!r}' if self.chance(0.9) else ''})"]

    def create_index(self):
        name, columns = self.case.fresh("ix_made"), self.several()
        if any(column not in self.state.fields for column in columns):
            return None
        after = [self.state.fields[column].renamed or column for column in columns]
        is_unique = self.state.is_distinct(columns) and self.chance(0.2) or self.is_wild()
        more = ", unique=True" if is_unique else ""
        if self.chance(0.2):
            more += f", sqlite_where={text_of(quoted(after[0]) + ' > 5')}"
        is_expression = self.recreate == "never" and self.chance(0.3)
        parts = repr(columns)
        if is_expression:
            parts = f"[{text_of('lower(' + quoted(columns[0]) + ')')}]"
        self.state.indexes.append(index_of(name, columns, is_unique, is_expression, "where" in more))
        return [f"create_index({name!r}, {parts}{more})"]

    def drop_index(self):
        indexes = [index for index in self.state.indexes if self.is_wild() or not index.is_new and (not index.is_expression or self.recreate == "never")]
        if not indexes:
            return None
        index = self.random.choice(indexes)
        self.state.indexes.remove(index)
        return [f"drop_index({index.name!r})"]

    def comment(self):
        return [self.random.choice(["create_table_comment('it is said')", "drop_table_comment()"])]
