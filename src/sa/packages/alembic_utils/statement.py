"""alembic_utils/statement.py: names and texts as upstream makes them."""
import re


def normalize_whitespace(text, base_whitespace=" "):
    return base_whitespace.join(text.split()).strip()


def strip_terminating_semicolon(sql):
    return sql.strip().rstrip(";").strip()


def strip_double_quotes(sql):
    return sql.strip().rstrip('"').strip().lstrip('"').strip()


def escape_colon_for_sql(sql):
    """A colon becomes what `text()` takes for a colon, but for `::`."""
    return "::".join(part.replace(":", "\\:") for part in sql.split("::"))


def escape_colon_for_plpgsql(sql):
    """The same, but for `:=` and colons that are escaped already."""

    def outside(text):
        pieces = re.split(r"(:=|\\:)", text)
        return "".join(piece if at % 2 else piece.replace(":", "\\:") for at, piece in enumerate(pieces))

    return "::".join(outside(part) for part in sql.split("::"))


def coerce_to_quoted(text):
    if "." not in text:
        return f'"{strip_double_quotes(text)}"'
    schema, _, name = text.partition(".")
    return f'"{strip_double_quotes(schema)}"."{strip_double_quotes(name)}"'


def coerce_to_unquoted(text):
    return text.replace('"', "")


def matched(template, text):
    """What `parse.parse(template, text)` finds: `{name}` and `{}` stand for some text, `{:s}` for white space."""
    expression = []
    for part in re.split(r"(\{.*?\})", template):
        if not part.startswith("{"):
            expression.append(re.escape(part))
        elif part == "{:s}":
            expression.append(r"\s+")
        elif part == "{}":
            expression.append(".+?")
        else:
            expression.append(f"(?P<{part[1:-1]}>.+?)")
    found = re.match(rf"\A{''.join(expression)}\Z", text, re.DOTALL | re.IGNORECASE)
    return None if found is None else found.groupdict()
