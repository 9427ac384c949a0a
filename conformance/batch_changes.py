"""Random batch migrations over the tables of batch_tables.py."""
from batch_tables import ACTIONS, SA_DEFAULTS, SA_TYPES

CONVENTION = '{"uq": "uq_%(table_name)s_%(column_0_name)s", "fk": "fk_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s", "ix": "ix_%(column_0_label)s"}'
HEAD = "import sqlalchemy as sa\nfrom alembic import op\n\nrevision = {revision!r}\ndown_revision = {before!r}\n\n\ndef upgrade():\n"


class Changes:
    """What a chain of revisions does to a case; follows names, so that most of it can work."""

    def __init__(self, case):
        self.case, self.random = case, case.random
        self.columns = [column.name for column in case.columns]
        self.named, self.indexes = dict(case.named), dict(case.indexes)
        self.key = list(case.key)

    def chance(self, share):
        return self.random.random() < share

    def one(self):
        """Mostly a column that is there."""
        if self.chance(0.004):
            return "no_such"
        return self.random.choice(self.columns)

    def revision(self, before, name):
        """The text of one revision."""
        lines = []
        several = self.chance(0.25)
        for _ in range(2 if several else 1):
            lines += self.batch(several)
        if self.chance(0.15):
            lines.insert(0, f"op.execute(\"INSERT INTO p VALUES ({self.random.randint(100, 999)}, NULL)\")")
        return HEAD.format(revision=name, before=before) + "".join(f"    {line}\n" for line in lines)

    def batch(self, several):
        arguments, body = [repr(self.case.name)], []
        # what is altered in place is committed at once: alone in its revision
        recreate = "always" if several else self.random.choice(["auto"] * 6 + ["always"] * 4 + ["never"])
        self.recreate = recreate
        if recreate != "auto":
            arguments.append(f"recreate={recreate!r}")
        self.has_convention = self.chance(0.12)
        if self.has_convention:
            arguments.append(f"naming_convention={CONVENTION}")
        if self.chance(0.08) and len(self.columns) > 2:
            pair = self.random.sample(self.columns, 2)
            arguments.append(f"partial_reordering=[{tuple(pair)!r}]")
        if self.chance(0.06):
            arguments.append(f"table_args=(sa.CheckConstraint('1 = 1', name='{self.case.fresh('ck_arg')}'),)")
        if self.chance(0.05) and not several:
            arguments.append('table_kwargs={"sqlite_autoincrement": True}')
        if self.chance(0.06):
            column = self.one()
            if column in self.key and self.chance(0.9):
                column = self.columns[-1]
            arguments.append(f"reflect_args=[sa.Column({column!r}, {self.random.choice(SA_TYPES)})]")
        if self.chance(0.03):
            arguments.append(f"copy_from={self.copy()}")
        if recreate == "never":
            makers = [self.add_column] * 3 + [self.drop_column, self.create_index, self.drop_index]
        else:
            makers = self.makers()
        for _ in range(self.random.choice([1, 1, 2, 2, 3])):
            line = self.random.choice(makers)()
            if line:
                body.append(f"    batch_op.{line}")
        return [f"with op.batch_alter_table({', '.join(arguments)}) as batch_op:", *(body or ["    pass"])]

    def makers(self):
        return [self.add_column] * 4 + [self.drop_column] * 2 + [self.alter_column] * 6 + [self.add_constraint] * 3 + [self.drop_constraint] * 3 + [self.create_index] * 2 + [self.drop_index]

    def copy(self):
        """A Table for `copy_from`: the columns that are known, with types of its own."""
        items = [repr(self.case.name), "sa.MetaData()"]
        for name in self.columns:
            items.append(f"sa.Column({name!r}, {self.random.choice(SA_TYPES[:12])}{', primary_key=True' if name in self.key else ''})")
        return f"sa.Table({', '.join(items)})"

    def add_column(self):
        name, more = self.case.fresh("new"), []
        if self.chance(0.15):
            constraint = self.case.fresh("fk_new")
            more.append(f"sa.ForeignKey('p.id', name='{constraint}')")
            self.named[constraint] = ("foreignkey", [name])
        if self.chance(0.5):
            more.append(f"server_default={self.random.choice(SA_DEFAULTS)}")
            if self.chance(0.6):
                more.append("nullable=False")
        elif self.chance(0.8):
            more.append("nullable=True")
        if self.chance(0.03):
            more.append("unique=True")
        if self.chance(0.05):
            more.append("index=True")
        type_ = self.random.choice([type_ for type_ in SA_TYPES if "create_constraint" not in type_ or not more])
        if self.chance(0.02):
            more = [f"sa.Computed('1 + 1'{self.random.choice(['', ', persisted=True', ', persisted=False'])})"]
        place = ""
        if self.recreate == "always" and self.chance(0.4):
            place = f", insert_{self.random.choice(['before', 'after'])}={self.one()!r}"
        self.columns.append(name)
        return f"add_column({', '.join([f'sa.Column({name!r}, {type_}', *more])}){place})"

    def drop_column(self):
        if len(self.columns) < 2:
            return None
        name = self.one()
        if name in self.columns and (name not in self.key or self.chance(0.2)):
            self.columns.remove(name)
            if name in self.key:
                self.key.remove(name)
        elif name in self.key:
            return None
        return f"drop_column({name!r})"

    def alter_column(self):
        name, more = self.one(), []
        if self.chance(0.35):
            more.append(f"nullable={self.random.choice([True, True, True, True, False])}")
        if self.chance(0.35):
            # a CHECK of a type holds for few of the rows there are
            types = SA_TYPES if self.chance(0.1) else SA_TYPES[:-2]
            more.append(f"type_={self.random.choice(types)}")
        if self.chance(0.3):
            more.append(f"server_default={self.random.choice(SA_DEFAULTS + ['None', 'None', 'False'])}")
        if self.chance(0.25) and name in self.columns:
            new = self.case.fresh("ren") if self.chance(0.8) else "Ren amed" + str(self.case.serial)
            self.columns[self.columns.index(name)] = new
            self.key = [new if known == name else known for known in self.key]
            self.named = {known: (kind, [new if column == name else column for column in columns]) for known, (kind, columns) in self.named.items()}
            more.append(f"new_column_name={new!r}")
        if self.chance(0.3):
            more.append(f"existing_type={self.random.choice([type_ for type_ in SA_TYPES if 'Interval' not in type_ or self.chance(0.1)])}")
        if self.chance(0.2):
            more.append("existing_nullable=True")
        if self.chance(0.1):
            more.append("existing_server_default=None")
        if self.chance(0.03):
            more.append("comment='said'")
        if self.chance(0.03):
            more.append("autoincrement=True")
        return f"alter_column({', '.join([repr(name), *more])})"

    def add_constraint(self):
        # Alembic reads `col.dot` as a schema and loses the constraint it was asked for
        columns = [column for column in [self.one() for _ in range(self.random.choice([1, 1, 2]))] if "." not in column]
        if not columns:
            return None
        kind = self.random.choice(["unique", "check", "check", "foreignkey", "foreignkey", "primary"])
        name = self.case.fresh("made")
        if kind == "unique":
            line = f"create_unique_constraint({name!r}, {columns!r})"
        elif kind == "check":
            text = '"' + columns[0].replace('"', '""') + '" IS NOT 12345'
            line = f"create_check_constraint({name!r}, {text!r})"
        elif kind == "primary":
            if not self.chance(0.2):
                return None
            self.key = columns
            line = f"create_primary_key({name!r}, {columns!r})"
        else:
            target = self.random.choice(["p", "p", self.case.name])
            referred = "id" if target == "p" else self.one().replace("col.dot", "id")
            more = f", ondelete={self.random.choice(ACTIONS)!r}" if self.chance(0.4) else ""
            more += ", deferrable=True, initially='DEFERRED'" if self.chance(0.15) else ""
            line = f"create_foreign_key({name!r}, {target!r}, {columns[:1]!r}, [{referred!r}]{more})"
        self.named[name] = (kind, columns)
        return line

    def drop_constraint(self):
        if self.has_convention and self.chance(0.1):
            kind = self.random.choice([("uq", "unique"), ("fk", "foreignkey")])
            return f"drop_constraint('{kind[0]}_{self.case.name}_{self.one()}', type_='{kind[1]}')"
        if not self.named or self.chance(0.05):
            return "drop_constraint('no_such', type_='unique')" if self.chance(0.05) else None
        name = self.random.choice(list(self.named))
        kind, _ = self.named.pop(name)
        return f"drop_constraint({name!r}{f', type_={kind!r}' if self.chance(0.9) else ''})"

    def create_index(self):
        name = self.case.fresh("ix_made")
        columns = [self.one() for _ in range(self.random.choice([1, 1, 2]))]
        self.indexes[name] = columns
        more = ", unique=True" if self.chance(0.04) else ""
        if self.chance(0.2):
            text = '"' + columns[0].replace('"', '""') + '" > 5'
            more += f", sqlite_where=sa.text({text!r})"
        return f"create_index({name!r}, {columns!r}{more})"

    def drop_index(self):
        if not self.indexes:
            return None
        name = self.random.choice(list(self.indexes))
        del self.indexes[name]
        return f"drop_index({name!r})"
