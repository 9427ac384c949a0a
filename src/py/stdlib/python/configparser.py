"""Ini files."""


class Error(Exception):
    pass


class NoSectionError(Error):
    def __init__(self, section):
        super().__init__(f"No section: {section!r}")
        self.section = section


class NoOptionError(Error):
    def __init__(self, option, section):
        super().__init__(f"No option {option!r} in section: {section!r}")


class InterpolationError(Error):
    pass


class DuplicateSectionError(Error):
    pass


class DuplicateOptionError(Error):
    pass


class ParsingError(Error):
    pass


class MissingSectionHeaderError(ParsingError):
    pass


class InterpolationDepthError(InterpolationError):
    pass


class InterpolationMissingOptionError(InterpolationError):
    pass


class InterpolationSyntaxError(InterpolationError):
    pass


_UNSET = object()


class SectionProxy:
    def __init__(self, parser, name):
        self._parser, self.name = parser, name

    def get(self, option, fallback=None, *, raw=False, vars=None):
        return self._parser.get(self.name, option, raw=raw, fallback=fallback)

    def getint(self, option, fallback=None):
        value = self.get(option)
        return fallback if value is None else int(value)

    def getboolean(self, option, fallback=None):
        value = self.get(option)
        return fallback if value is None else _boolean(value)

    def __getitem__(self, option):
        if not self._parser.has_option(self.name, option):
            raise KeyError(option)
        return self._parser.get(self.name, option)

    def __setitem__(self, option, value):
        self._parser.set(self.name, option, value)

    def __contains__(self, option):
        return self._parser.has_option(self.name, option)

    def __iter__(self):
        return iter(self._parser.options(self.name))

    def keys(self):
        return self._parser.options(self.name)

    def items(self):
        return self._parser.items(self.name)


def _boolean(value):
    states = {"1": True, "yes": True, "true": True, "on": True, "0": False, "no": False, "false": False, "off": False}
    if value.lower() not in states:
        raise ValueError(f"Not a boolean: {value}")
    return states[value.lower()]


class RawConfigParser:
    _interpolates = False

    def __init__(self, defaults=None, *args, **kwargs):
        self._defaults = {key.lower(): str(value) for key, value in (defaults or {}).items()}
        self._sections = {}
        if "interpolation" in kwargs and kwargs["interpolation"] is None:
            self._interpolates = False

    def optionxform(self, option):
        return option.lower()

    def read(self, filenames, encoding=None):
        if isinstance(filenames, str) or hasattr(filenames, "__fspath__"):
            filenames = [filenames]
        done = []
        for name in filenames:
            try:
                with open(name, encoding=encoding) as source:
                    self.read_string(source.read())
            except OSError:
                continue
            done.append(name)
        return done

    def read_file(self, f, source=None):
        self.read_string("".join(f))

    def read_string(self, string, source="<string>"):
        section = None
        option = None
        for line in string.splitlines():
            stripped = line.strip()
            if not stripped or stripped[0] in "#;":
                if not stripped and option is not None and section is not None:
                    section[option].append("")
                continue
            if line[0] in " \t" and option is not None:
                section[option].append(stripped)
                continue
            if stripped.startswith("[") and "]" in stripped:
                name = stripped[1:stripped.index("]")]
                section = self._raw(name)
                option = None
                continue
            positions = [at for at in (stripped.find("="), stripped.find(":")) if at >= 0]
            if section is None or not positions:
                raise Error(f"Source contains parsing errors: {line!r}")
            at = min(positions)
            option = self.optionxform(stripped[:at].strip())
            section[option] = [stripped[at + 1:].strip()]
        for values in [self._defaults, *self._sections.values()]:
            for key, value in values.items():
                if isinstance(value, list):
                    values[key] = "\n".join(value).rstrip()

    def _raw(self, name):
        if name == "DEFAULT":
            return self._defaults
        return self._sections.setdefault(name, {})

    def sections(self):
        return list(self._sections)

    def has_section(self, section):
        return section in self._sections

    def add_section(self, section):
        if section in self._sections:
            raise Error(f"Section {section!r} already exists")
        self._sections[section] = {}

    def options(self, section):
        if section not in self._sections:
            raise NoSectionError(section)
        return list({**self._sections[section], **self._defaults})

    def has_option(self, section, option):
        option = self.optionxform(option)
        return section in self._sections and (option in self._sections[section] or option in self._defaults)

    def get(self, section, option, *, raw=False, vars=None, fallback=_UNSET):
        if section not in self._sections and section != "DEFAULT":
            if fallback is not _UNSET:
                return fallback
            raise NoSectionError(section)
        values = {**self._defaults, **self._sections.get(section, {}), **(vars or {})}
        option = self.optionxform(option)
        if option not in values:
            if fallback is not _UNSET:
                return fallback
            raise NoOptionError(option, section)
        value = values[option]
        return value if raw or not self._interpolates else self._expand(value, values, option, section, 10)

    def _expand(self, value, values, option, section, depth):
        if depth == 0:
            raise InterpolationError(f"Recursion limit exceeded in value substitution: option {option!r} in section {section!r}")
        result, rest = "", value
        while "%" in rest:
            before, _, rest = rest.partition("%")
            result += before
            if rest.startswith("%"):
                result += "%"
                rest = rest[1:]
            elif rest.startswith("(") and ")s" in rest:
                name, _, rest = rest[1:].partition(")s")
                name = self.optionxform(name)
                if name not in values:
                    raise InterpolationMissingOptionError(f"Bad value substitution: option {option!r} in section {section!r} contains an interpolation key {name!r} which is not a valid option name. Raw value: {value!r}")
                result += self._expand(values[name], values, option, section, depth - 1)
            else:
                raise InterpolationSyntaxError(f"'%' must be followed by '%' or '(', found: {'%' + rest!r}")
        return result + rest

    def getint(self, section, option, **kwargs):
        return int(self.get(section, option, **kwargs))

    def getfloat(self, section, option, **kwargs):
        return float(self.get(section, option, **kwargs))

    def getboolean(self, section, option, **kwargs):
        value = self.get(section, option, **kwargs)
        return value if isinstance(value, bool) or value is None else _boolean(value)

    def set(self, section, option, value=None):
        if section not in self._sections and section != "DEFAULT":
            raise NoSectionError(section)
        self._raw(section)[self.optionxform(option)] = value

    def items(self, section=_UNSET, raw=False, vars=None):
        if section is _UNSET:
            return [(name, self[name]) for name in self._sections]
        return [(option, self.get(section, option, raw=raw)) for option in self.options(section)]

    def defaults(self):
        return self._defaults

    def __getitem__(self, section):
        if section not in self._sections and section != "DEFAULT":
            raise KeyError(section)
        return SectionProxy(self, section)

    def __contains__(self, section):
        return section in self._sections or section == "DEFAULT"

    def __iter__(self):
        return iter(["DEFAULT", *self._sections])


class ConfigParser(RawConfigParser):
    _interpolates = True


class SafeConfigParser(ConfigParser):
    pass
