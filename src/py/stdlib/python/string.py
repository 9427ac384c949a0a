"""Constants and templates."""
import re

ascii_lowercase = "abcdefghijklmnopqrstuvwxyz"
ascii_uppercase = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ascii_letters = ascii_lowercase + ascii_uppercase
digits = "0123456789"
hexdigits = digits + "abcdef" + "ABCDEF"
octdigits = "01234567"
punctuation = r"""!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~"""
whitespace = " \t\n\r\v\f"
printable = digits + ascii_letters + punctuation + whitespace


def capwords(s, sep=None):
    return (sep or " ").join(word.capitalize() for word in s.split(sep))


class Template:
    delimiter = "$"
    idpattern = r"[_a-z][_a-z0-9]*"

    def __init__(self, template):
        self.template = template

    def _replace(self, values, safe):
        pattern = re.escape(self.delimiter) + rf"(?:(?P<escaped>{re.escape(self.delimiter)})|(?P<named>{self.idpattern})|\{{(?P<braced>{self.idpattern})\}}|(?P<invalid>))"

        def convert(found):
            name = found.group("named") or found.group("braced")
            if name is not None:
                if safe and name not in values:
                    return found.group()
                return str(values[name])
            if found.group("escaped") is not None:
                return self.delimiter
            if safe:
                return found.group()
            before = self.template[:found.start()]
            line = before.count("\n") + 1
            column = found.start() - (before.rfind("\n") + 1) + 1
            raise ValueError(f"Invalid placeholder in string: line {line}, col {column}")
        return re.sub(pattern, convert, self.template, flags=re.IGNORECASE)

    def substitute(self, mapping=None, /, **kwargs):
        return self._replace({**(mapping or {}), **kwargs}, False)

    def safe_substitute(self, mapping=None, /, **kwargs):
        return self._replace({**(mapping or {}), **kwargs}, True)


class Formatter:
    def format(self, format_string, /, *args, **kwargs):
        return format_string.format(*args, **kwargs)

    def vformat(self, format_string, args, kwargs):
        return format_string.format(*args, **kwargs)
