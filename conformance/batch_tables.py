"""Random tables and random batch migrations for batch_safety.py: everything comes from one `random.Random`."""

PLAIN_NAMES = ["a", "b", "name", "user_id", "created_at", "total", "note", "kind", "code", "rank", "x1", "payload"]
ODD_NAMES = ["order", "Group", "has space", "dash-ed", "ünïcode", "per%cent", "UPPER", "col.dot", "1st", "select", "quo\"te", "paren(s)", "comma,d", "col:on"]
# what SQLite sees: affinity of every kind, and names that SQLAlchemy writes differently
TYPES = [
    "INTEGER", "BIGINT", "SMALLINT", "VARCHAR(20)", "VARCHAR", "TEXT", "CHAR(3)", "FLOAT", "REAL", "NUMERIC(10, 2)", "DECIMAL(8, 3)",
    "BOOLEAN", "DATE", "DATETIME", "TIME", "TIMESTAMP", "BLOB", "JSON", "NUMERIC",
]
ODD_TYPES = ["INT", "MONEY", "UNSIGNED BIG INT", "CLOB", "NVARCHAR(10)", "DOUBLE PRECISION", "DOUBLE", "INTEGER(4)", "STRING", "uuid", "TINYINT(1)", "varchar(5)", "BOOL", "LONGVARCHAR", "TEXT(40)"]
STRICT_TYPES = ["INTEGER", "TEXT", "REAL", "BLOB", "INT"]
# Alembic cannot write them
HARD_TYPES, HARD_STRICT_TYPES = [""], ["ANY"]
DEFAULTS = ["0", "1", "'x'", "''", "'it''s'", "NULL", "CURRENT_TIMESTAMP", "-1", "1.5", "(1 + 2)", "'12:30'", "x'00ff'", "TRUE", "(lower('ABC'))", "'a' ", "'%'"]
HARD_DEFAULTS = ["('a' || 'b')", "(datetime('now', '+1 day') IS NULL)", '"text"', "((1) + (2))"]
ODD_DEFAULTS = ["' :p'", "'a\nb'", "+7", "1e3", "0x10", "(strftime('%s', 0))", "CURRENT_DATE"]
COLLATIONS = ["NOCASE", "RTRIM", "BINARY"]
ACTIONS = ["CASCADE", "SET NULL", "SET DEFAULT", "RESTRICT", "NO ACTION"]
TEXTS = ["", "a", "A", "abc ", "007", "1e3", "naïve", "日本語", "it's", "two\nlines", "🙂", "%s", ":x", "9007199254740993", "NULL", "0x1F", " lead", "true", "a\tb"]
INTEGERS = [0, 1, -1, 2, 3, 7, 42, 2**31, -(2**31) - 1, 2**53 + 1, -(2**53) - 3, 2**63 - 1, -(2**63)]
# no more digits than every release of SQLite keeps when it casts to a text and back
FLOATS = [0.0, 0.1, 1.5, -2.25, 1e308, 3.14159265358979, 1e14, 123456789.125, 2.0]
BLOBS = [b"", b"\x00", b"\xff\x00\xfe", b"text", bytes(range(40))]


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


class Column:
    def __init__(self, name, type_):
        self.name, self.type = name, type_
        self.tail, self.nullable, self.generated, self.default = [], True, False, None
        self.collation, self.refers, self.is_unique = "BINARY", None, False


class Known:
    """A constraint or an index that migrations may know."""

    def __init__(self, kind, name, columns, referred=(), is_inline=False):
        self.kind, self.name, self.columns, self.referred, self.is_inline = kind, name, list(columns), list(referred), is_inline
        # of a CHECK
        self.text = ""
        # of an index
        self.is_unique, self.is_expression, self.is_partial, self.is_new = False, False, False, False


class Case:
    """A table with its kin, the rows, and what the migrations know of it."""

    def __init__(self, random, kind):
        self.random, self.kind = random, kind
        self.columns, self.constraints, self.key, self.inline_key = [], [], [], False
        self.known, self.indexes, self.serial = [], [], 0
        self.script, self.inserts, self.revisions = [], [], []
        # PRAGMA foreign_keys=ON; PRAGMA legacy_alter_table=ON: views and triggers outlive a copied table
        self.enforced, self.legacy = self.chance(0.1), self.chance(0.1)
        self.is_odd = kind in ("odd", "names")
        self.name = random.choice(["t", "t", "item", "Order Item", "ünï", "user", "_x", "per%cent", "it's", "dash-ed"]) if self.is_odd else random.choice(["t", "item", "users"])
        self.strict = kind == "odd" and self.chance(0.15)
        self.rowless = self.chance(0.12 if kind == "odd" else 0.05)
        self.make()

    def chance(self, share):
        return self.random.random() < share

    def pick(self, *lists):
        return self.random.choice([item for items in lists for item in items])

    def fresh(self, prefix):
        self.serial += 1
        return f"{prefix}_{self.serial}"

    # the table

    def make(self):
        names = self.random.sample(PLAIN_NAMES, self.random.randint(2, 6))
        if self.is_odd:
            names += self.random.sample(ODD_NAMES, self.random.randint(1, 3))
        for name in names:
            types = STRICT_TYPES if self.strict else TYPES + (ODD_TYPES if self.kind == "odd" and self.chance(0.4) else [])
            if self.kind == "odd" and self.chance(0.004):
                types = HARD_STRICT_TYPES if self.strict else HARD_TYPES
            self.columns.append(Column(name, self.random.choice(types)))
        self.make_key()
        for column in self.columns:
            self.decorate(column)
        if self.kind == "odd" and self.chance(0.08):
            self.make_generated()
        self.make_constraints()
        self.script.append("CREATE TABLE p (id INTEGER NOT NULL, u VARCHAR(9), PRIMARY KEY (id), UNIQUE (u))")
        self.script.append(self.create_table())
        self.make_indexes()
        self.make_kin()
        self.make_rows()

    def make_key(self):
        how = self.random.choice(["id", "id", "id", "composite", "text", "none"])
        if self.rowless and how == "none":
            how = "id"
        if how == "id":
            identity = Column("id", self.random.choice(["INTEGER", "INTEGER", "INTEGER", "INT", "BIGINT"]) if self.kind == "odd" and not self.strict else "INTEGER")
            identity.nullable = self.chance(0.3)
            self.columns.insert(0, identity)
            self.key = ["id"]
            if self.kind == "odd" and self.chance(0.5):
                self.inline_key = True
        elif how == "composite":
            self.key = [column.name for column in self.random.sample(self.columns, 2 if len(self.columns) < 3 or self.chance(0.8) else 3)]
        elif how == "text":
            self.columns.insert(0, Column("slug", "TEXT" if self.strict else "VARCHAR(20)"))
            self.columns[0].nullable = self.chance(0.4)
            self.key = ["slug"]
        for column in self.columns:
            if column.name in self.key and how == "composite":
                column.nullable = False

    def decorate(self, column):
        if column.name in self.key:
            return
        if self.chance(0.3):
            column.nullable = False
        if self.chance(0.35):
            column.default = self.pick(DEFAULTS, ODD_DEFAULTS if self.kind == "odd" and self.chance(0.5) else [])
            if self.kind == "odd" and self.chance(0.02):
                column.default = self.pick(HARD_DEFAULTS)
            column.tail.append(f"DEFAULT {column.default}")
        if not column.nullable:
            named = "CONSTRAINT nn_x " if self.kind == "odd" and self.chance(0.05) else ""
            conflict = " ON CONFLICT " + self.pick(["IGNORE", "REPLACE", "FAIL"]) if self.kind == "odd" and self.chance(0.08) else ""
            column.tail.append(f"{named}NOT NULL{conflict}")
        if self.kind != "odd":
            return
        if self.chance(0.12):
            column.collation = self.pick(COLLATIONS)
            column.tail.append(f"COLLATE {column.collation}")
        if self.chance(0.08):
            column.is_unique = True
            column.tail.append(self.pick(["UNIQUE", "UNIQUE ON CONFLICT IGNORE", "CONSTRAINT uq_inline UNIQUE"]))
            self.known.append(Known("unique", None, [column.name], is_inline=True))
        if self.chance(0.08):
            name = self.fresh("ck_in") if self.chance(0.6) else None
            self.known.append(Known("check", name, [column.name], is_inline=True))
            column.tail.append((f"CONSTRAINT {name} " if name else "") + f"CHECK ({quoted(column.name)} IS NOT 'zz')")
        if self.chance(0.08):
            name = "CONSTRAINT fk_inline " if self.chance(0.3) else ""
            action = f" ON DELETE {self.pick(ACTIONS)}" if self.chance(0.5) else ""
            later = " DEFERRABLE INITIALLY DEFERRED" if self.chance(0.2) else ""
            column.tail.append(f"{name}REFERENCES p{'(id)' if self.chance(0.7) else ''}{action}{later}")
            column.refers = ("p", "id")
            self.known.append(Known("foreignkey", name.split()[1] if name else None, [column.name], ["p", "id"], is_inline=True))
        self.random.shuffle(column.tail)

    def make_generated(self):
        source = self.random.choice(self.columns).name
        made = Column("gen", "INTEGER" if self.strict else self.random.choice(["INTEGER", "TEXT"]))
        made.generated = True
        word = "GENERATED ALWAYS AS" if self.chance(0.7) else "AS"
        expression = self.random.choice([f"length({quoted(source)})", "1 + 1"] + ([f"{quoted(source)} || 'x'", f"coalesce({quoted(source)}, (2))"] if not self.strict else []))
        made.tail = [f"{word} ({expression})" + self.random.choice([" VIRTUAL", " STORED", ""])]
        self.known.append(Known("generated", None, [source]))
        self.columns.append(made)

    def make_constraints(self):
        random, plain = self.random, [column.name for column in self.columns if not column.generated]
        for _ in range(random.randint(0, 3)):
            what = random.choice(["unique", "check", "foreignkey", "self"])
            name = self.fresh({"unique": "uq", "check": "ck", "foreignkey": "fk", "self": "fk_self"}[what]) if self.chance(0.7) else None
            if name and self.is_odd and self.chance(0.2):
                name = name + random.choice(["-odd", " odd", "Odd"])
            prefix = ""
            if name:
                prefix = f"CONSTRAINT {quoted(name) if not name.isidentifier() or name != name.lower() else name} "
            referred = []
            if what == "unique":
                columns = random.sample(plain, random.randint(1, min(2, len(plain))))
                conflict = " ON CONFLICT IGNORE" if self.kind == "odd" and self.chance(0.1) else ""
                text = f"UNIQUE ({', '.join(map(self.spelled, columns))}){conflict}"
            elif what == "check":
                columns = [random.choice(plain)]
                if not name and self.chance(0.6):
                    continue
                text = f"CHECK ({self.spelled(columns[0])} {random.choice(['IS NOT 99', 'IS NULL OR 1', 'NOT IN (77, 78)', '<> ' + chr(39) + 'a(b' + chr(39)])})"
            else:
                columns, referred = [random.choice(plain)], ["p", random.choice(["id", "u"])]
                if what == "self" and len(self.key) == 2 and len(plain) > 2 and self.chance(0.6):
                    columns, referred = random.sample(plain, 2), [self.name, *self.key]
                elif what == "self":
                    referred = [self.name, (self.key or plain)[0]]
                text = f"FOREIGN KEY({', '.join(map(self.spelled, columns))}) REFERENCES {self.spelled(referred[0])} ({', '.join(map(self.spelled, referred[1:]))})"
                self.column(columns[0]).refers = tuple(referred[:2])
                if self.chance(0.4):
                    text += f" ON DELETE {random.choice(ACTIONS)}"
                if self.chance(0.2):
                    text += f" ON UPDATE {random.choice(ACTIONS)}"
                if self.kind == "odd" and self.chance(0.05):
                    text += " MATCH FULL"
                if self.chance(0.25):
                    text += random.choice([" DEFERRABLE INITIALLY DEFERRED", " DEFERRABLE", " NOT DEFERRABLE INITIALLY IMMEDIATE"])
                what = "foreignkey"
            self.known.append(Known(what, name, columns, referred))
            self.known[-1].text = text[7:-1] if what == "check" else ""
            self.constraints.append(prefix + text)

    def column(self, name):
        return next(column for column in self.columns if column.name == name)

    def spelled(self, name):
        """As SQLAlchemy would: quotes where they are needed."""
        words = {"order", "group", "select", "user"}
        is_bare = name.isascii() and name.isidentifier() and name == name.lower() and name not in words
        return name if is_bare else quoted(name)

    def create_table(self):
        items = []
        for column in self.columns:
            parts = [self.spelled(column.name), column.type, *column.tail]
            if column.name in self.key and not column.nullable:
                parts.append("NOT NULL")
            if self.inline_key and column.name in self.key:
                parts.append("PRIMARY KEY")
                if self.kind == "odd" and column.type == "INTEGER" and not self.rowless and self.chance(0.5):
                    parts.append("AUTOINCREMENT")
                elif self.chance(0.05):
                    parts[-1] = "PRIMARY KEY DESC"
            items.append(" ".join(part for part in parts if part))
        if self.key and not self.inline_key:
            name = "CONSTRAINT pk_t " if self.chance(0.3) else ""
            if name:
                self.known.append(Known("primary", "pk_t", self.key))
            conflict = " ON CONFLICT REPLACE" if self.kind == "odd" and self.chance(0.05) else ""
            items.append(f"{name}PRIMARY KEY ({', '.join(map(self.spelled, self.key))}){conflict}")
        items += self.constraints
        join = ", \n\t" if not self.is_odd or self.chance(0.6) else self.random.choice([",\n", ", ", ","])
        options = (["WITHOUT ROWID"] if self.rowless else []) + (["STRICT"] if self.strict else [])
        return f"CREATE TABLE {self.spelled(self.name)} (\n\t{join.join(items)}\n)" + (" " + ", ".join(options) if options else "")

    def make_indexes(self):
        for _ in range(self.random.randint(0, 3)):
            columns = self.random.sample([column.name for column in self.columns], self.random.randint(1, min(2, len(self.columns))))
            name, parts, where = self.fresh("ix"), [], ""
            for column in columns:
                part = self.spelled(column)
                if self.kind == "odd" and self.chance(0.15):
                    part = self.pick([f"{part} DESC", f"{part} COLLATE NOCASE", f"lower({part})", f"{part} ASC"])
                parts.append(part)
            if self.chance(0.25):
                where = f" WHERE {self.spelled(columns[0])} IS NOT NULL"
                if self.kind == "odd" and self.chance(0.3):
                    where = self.pick([f" WHERE {self.spelled(columns[0])} IS NOT NULL\n  AND 1 = 1", f" WHERE\n{self.spelled(columns[0])} > 1", f" where {self.spelled(columns[0])} <> 'a:b'"])
            unique = "UNIQUE " if self.chance(0.2) else ""
            index = Known("index", name, columns)
            index.is_unique, index.is_expression, index.is_partial = bool(unique), any("lower(" in part for part in parts), bool(where)
            self.indexes.append(index)
            self.script.append(f"CREATE {unique}INDEX {name} ON {self.spelled(self.name)} ({', '.join(parts)}){where}")

    def make_kin(self):
        """Other objects that know the table."""
        table, first = self.spelled(self.name), self.spelled(self.columns[0].name)
        self.has_child = self.chance(0.08 if self.enforced else 0.25)
        if self.has_child:
            action = f" ON DELETE {self.random.choice(ACTIONS)}" if self.chance(0.5) else ""
            referred = (self.key or [self.columns[0].name])[:1]
            columns = ["ref"]
            if len(self.key) == 2 and self.chance(0.6):
                referred, columns = self.key, ["ref", "ref2"]
            to = f" ({', '.join(map(self.spelled, referred))})" if len(referred) != len(self.key) or self.chance(0.8) else ""
            self.script.append(f"CREATE TABLE child (n INTEGER PRIMARY KEY, {', '.join(columns)}, FOREIGN KEY({', '.join(columns)}) REFERENCES {table}{to}{action})")
        share = 0.3 if self.legacy else 0.04
        self.is_seen = False
        if self.kind == "odd" and self.chance(0.08):
            self.script.append(f"CREATE TRIGGER watch AFTER INSERT ON {table} BEGIN SELECT 1; END")
        if self.kind == "odd" and self.chance(share):
            self.script.append(f"CREATE VIEW seen AS SELECT {first} FROM {table}")
            self.is_seen = True
        if self.kind == "odd" and self.chance(share):
            self.script.append(f"CREATE TRIGGER far AFTER INSERT ON p BEGIN DELETE FROM {table} WHERE 0; END")
            self.is_seen = True
        if self.chance(0.05):
            self.script.append("CREATE VIEW other AS SELECT id FROM p")

    def value(self, column):
        random = self.random
        if column.refers and self.chance(0.85):
            target, name = column.refers
            return random.choice([None, 1, 2, 3]) if target != "p" or name == "id" else random.choice([None, "u1", "u2", "u3"])
        is_key = self.key == [column.name]
        if is_key and "INT" in column.type and self.chance(0.95):
            return random.choice(INTEGERS + list(range(60)))
        if self.chance(0.12):
            return None
        if self.chance(0.25):
            return random.choice(random.choice([TEXTS, INTEGERS, FLOATS, BLOBS]))
        kind = column.type.upper()
        if "INT" in kind:
            return random.choice(INTEGERS + list(range(40)))
        if "CHAR" in kind or "TEXT" in kind or "CLOB" in kind:
            return random.choice(TEXTS) + random.choice(["", str(random.randint(0, 99))])
        if "BLOB" in kind:
            return random.choice(BLOBS)
        if "DATE" in kind or "TIME" in kind:
            return random.choice(["2024-02-29", "2024-01-01 10:00:00.000000", "23:59:59", 1700000000])
        if "BOOL" in kind:
            return random.choice([0, 1])
        # a float of more than fifteen digits is another text with an older release
        integers = [number for number in INTEGERS if abs(number) < 10**15] if any(word in kind for word in ("FLOA", "REAL", "DOUB")) else INTEGERS
        return random.choice(FLOATS + integers + ["1.50", "12"])

    def make_rows(self):
        real = [column for column in self.columns if not column.generated]
        names = ", ".join(quoted(column.name) for column in real)
        marks = ", ".join("?" * len(real))
        self.inserts = [("INSERT OR IGNORE INTO p VALUES (?, ?)", (number, f"u{number}")) for number in range(1, 4)]
        for _ in range(self.random.randint(0, 25)):
            row = tuple(self.value(column) for column in real)
            self.inserts.append((f"INSERT OR IGNORE INTO {quoted(self.name)} ({names}) VALUES ({marks})", row))
        if self.has_child:
            self.inserts += [("INSERT OR IGNORE INTO child (n, ref) VALUES (?, ?)", (number, number)) for number in range(1, 4)]
        if self.chance(0.2):
            self.inserts.append((f"DELETE FROM {quoted(self.name)} WHERE rowid = (SELECT max(rowid) FROM {quoted(self.name)})" if not self.rowless else "SELECT 1", ()))
