"""URLs: what is made of a text, and parts of it. What is out of the ordinary in a text is refused."""
import re as _re

from _aludel import refuse

from ._schema import _text
from ._support import Invalid, ValidationError, invalid as _invalid

_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}
_SCHEME = _re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(.*)", _re.S)
# What is written as %XX, besides what is not printable or not ASCII.
_IN_FRAGMENT = ' "<>`'
_IN_PATH = _IN_FRAGMENT + "#?{}"
_IN_USERINFO = _IN_PATH + "/:;=@[\\]^|"
_IN_QUERY = ' "#<>'


def _wrong(reason, value):
    return _invalid("url_parsing", f"Input should be a valid URL, {reason}", value, {"error": reason})


def _encoded(text, these):
    made = []
    for byte in text.encode():
        character = chr(byte)
        made.append(f"%{byte:02X}" if byte < 32 or byte > 126 or character in these else character)
    return "".join(made)


class _Core:
    """A URL in parts, the text of each as it is written."""

    def __init__(self, scheme, hosts, path, query, fragment, is_opaque):
        self.scheme = scheme
        self.hosts = hosts
        self.path = path
        self.query = query
        self.fragment = fragment
        self.is_opaque = is_opaque

    def __str__(self):
        made = [self.scheme, ":"]
        if self.hosts is not None:
            made.append("//" + ",".join(self._authority(host) for host in self.hosts))
        made.append(self.path)
        if self.query is not None:
            made.append("?" + self.query)
        if self.fragment is not None:
            made.append("#" + self.fragment)
        return "".join(made)

    def _authority(self, host):
        made = host["username"] or ""
        if host["password"]:
            made += ":" + host["password"]
        if made:
            made += "@"
        made += host["host"] or ""
        port = host["port"]
        return made if port is None or port == _PORTS.get(self.scheme) else f"{made}:{port}"


class Url(_Core):
    pass


class MultiHostUrl(_Core):
    pass


def _host(text, scheme, value):
    """One host of the part between `//` and the path."""
    before, at, place = text.rpartition("@")
    username, colon, password = before.partition(":")
    if place.startswith("["):
        if not _re.fullmatch(r"\[::1\](:\d*)?", place):
            refuse("a URL with an address of IPv6")
        place, port = "[::1]", place[5:]
    else:
        place, colon, port = place.partition(":")
        port = colon + port
    number = None
    if port not in ("", ":"):
        if not _re.fullmatch(r":[0-9]+", port) or int(port[1:]) > 65535:
            raise _wrong("invalid port number", value)
        number = int(port[1:])
    if place == "" and (at or port not in ("", ":")):
        raise _wrong("empty host", value)
    if scheme in _PORTS:
        place = place.lower()
        if not _re.fullmatch(r"[a-z0-9._-]*", place) or _is_odd_number(place) or "xn--" in place:
            refuse("a URL with an unusual host")
    elif not place.startswith("[") and any(character in ' #/<>?@[\\]^|' for character in place):
        raise _wrong("invalid domain character", value)
    return {
        "username": _encoded(username, _IN_USERINFO) or None,
        "password": _encoded(password, _IN_USERINFO) or None,
        "host": _encoded(place, "") or None,
        "port": number,
    }


def _is_odd_number(place):
    last = place.rstrip(".").rpartition(".")[2]
    if not last[:1].isdigit():
        return False
    parts = place.split(".")
    plain = len(parts) == 4 and all(_re.fullmatch(r"0|[1-9]\d{0,2}", part) and int(part) < 256 for part in parts)
    return not plain and _re.fullmatch(r"\d+|0x[0-9a-f]*", last) is not None


def _steps(path):
    """A path without `.` and `..`."""
    made = []
    parts = path[1:].split("/")
    for at, part in enumerate(parts):
        plain = part.lower().replace("%2e", ".")
        is_last = at == len(parts) - 1
        if plain == "..":
            if made:
                made.pop()
            if is_last:
                made.append("")
        elif plain == ".":
            if is_last:
                made.append("")
        else:
            made.append(part)
    return "/" + "/".join(_encoded(part, _IN_PATH) for part in made)


def _parsed(value, is_multiple):
    kind = MultiHostUrl if is_multiple else Url
    text = value.strip("".join(map(chr, range(33))))
    if not value:
        raise _wrong("input is empty", value)
    if any(character in "\t\n\r" for character in text):
        refuse("a URL with line breaks")
    found = _SCHEME.fullmatch(text)
    if found is None:
        raise _wrong("relative URL without a base", value)
    scheme, rest = found.group(1).lower(), found.group(2)
    if scheme in _PORTS and ("\\" in rest or not _re.match(r"//[^/]", rest + " ")):
        if rest in ("//", ""):
            raise _wrong("empty host", value)
        refuse("a URL that is not written as usual")
    if scheme == "file" and not rest.startswith("///"):
        refuse("a URL of a file with a host")
    rest, hash_, fragment = rest.partition("#")
    rest, mark, query = rest.partition("?")
    quoted = _IN_QUERY + "'" if scheme in _PORTS or scheme == "file" else _IN_QUERY
    query = _encoded(query, quoted) if mark else None
    fragment = _encoded(fragment, _IN_FRAGMENT) if hash_ else None
    if not rest.startswith("/"):
        if _encoded(rest, "") != rest or is_multiple and scheme in _PORTS:
            refuse("a URL that is not written as usual")
        return kind(scheme, None, rest, query, fragment, True)
    if not rest.startswith("//"):
        return kind(scheme, None, _steps(rest), query, fragment, False)
    authority, slash, path = rest[2:].partition("/")
    path = _steps("/" + path) if slash else ""
    if scheme in _PORTS and not path:
        path = "/"
    parts = authority.split(",") if is_multiple else [authority]
    hosts = [_host(part, scheme, value) for part in parts]
    if (scheme in _PORTS or len(hosts) > 1) and any(host["host"] is None for host in hosts):
        raise _wrong("empty host", value)
    if scheme == "file" and _re.match(r"/[A-Za-z][:|]", path):
        refuse("a URL of a file of Windows")
    return kind(scheme, hosts, path, query, fragment, False)


class UrlConstraints:
    def __init__(
        self, max_length=None, allowed_schemes=None, host_required=None, default_host=None, default_port=None, default_path=None,
        preserve_empty_path=None,
    ):
        if preserve_empty_path:
            refuse("`preserve_empty_path` of a URL")
        self.max_length = max_length
        self.allowed_schemes = allowed_schemes
        self.host_required = host_required
        self.default_host = default_host
        self.default_port = default_port
        self.default_path = default_path

    def __aludel_wrap__(self, inner, annotation, context):
        if not isinstance(annotation, type) or not issubclass(annotation, _Any):
            refuse("`UrlConstraints` of another type than a URL")
        own = annotation._constraints
        told = {name: value for name, value in vars(own).items() if value is not None}
        told.update({name: value for name, value in vars(self).items() if value is not None})
        limits = UrlConstraints(**told)

        def check(value, strict):
            if isinstance(value, annotation):
                return value
            made = annotation.__new__(annotation)
            made._core = limits.check(value, annotation._is_multiple)
            return made

        return check

    def check(self, value, is_multiple):
        if isinstance(value, (_Url, _BaseMultiHostUrl)):
            value = str(value)
        if not isinstance(value, str):
            raise _invalid("url_type", "URL input should be a string or URL", value)
        value = _text(value, 0)
        if self.max_length is not None and len(value) > self.max_length:
            raise _invalid("url_too_long", f"URL should have at most {self.max_length} characters", value)
        return self.limit(_parsed(value, is_multiple), value)

    def limit(self, core, value):
        if self.allowed_schemes is not None and core.scheme not in self.allowed_schemes:
            shown = [repr(scheme) for scheme in self.allowed_schemes]
            expected = shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"
            raise _invalid("url_scheme", f"URL scheme should be {expected}", value, {"expected_schemes": expected})
        self._fill(core, value)
        return core

    def _fill(self, core, value):
        last = core.hosts[-1] if core.hosts else None
        if (last is None or last["host"] is None) and self.default_host is not None and core.is_opaque:
            refuse("a URL that is not written as usual")
        if last is None or last["host"] is None:
            if self.default_host is not None:
                if last is None:
                    core.hosts = [{"username": None, "password": None, "host": None, "port": None}]
                    last = core.hosts[-1]
                last["host"] = self.default_host
            elif self.host_required:
                raise _wrong("empty host", value)
        if self.default_port is not None and last is not None and last["host"] is not None:
            if last["port"] is None and core.scheme not in _PORTS:
                last["port"] = self.default_port
        if self.default_path is not None and core.path in ("", "/"):
            core.path = self.default_path


def _built(parts, path, query, fragment, scheme):
    made = f"{scheme}://" + ",".join(parts)
    if path is not None:
        made += "/" + path
    if query is not None:
        made += "?" + query
    return made if fragment is None else f"{made}#{fragment}"


def _part(host=None, username=None, password=None, port=None):
    if port is not None and not isinstance(port, int):
        raise TypeError(f"'{type(port).__name__}' object cannot be interpreted as an integer")
    made = username or ""
    if password:
        made += f":{password}"
    if made:
        made += "@"
    made += host or ""
    return made if port is None else f"{made}:{port}"


class _Any:
    _constraints = UrlConstraints()
    _is_multiple = False

    def __init__(self, url):
        try:
            self._core = self._constraints.check(url, self._is_multiple)
        except Invalid as error:
            name = "multi-host-url" if self._is_multiple else "url"
            is_plain = type(self).__module__ == "pydantic_core"
            raise ValidationError(name if is_plain else "function-wrap[wrap_val()]", error.lines) from None

    @classmethod
    def _of_parts(cls, text):
        made = cls.__new__(cls)
        title = "multi-host-url" if cls._is_multiple else "url"
        try:
            core = _parsed(text, cls._is_multiple)
            title = "function-wrap[wrap_val()]"
            made._core = cls._constraints.limit(core, core)
        except Invalid as error:
            raise ValidationError(title, error.lines) from None
        return made

    @classmethod
    def __aludel_validate__(cls, value, strict, context):
        if isinstance(value, cls):
            return value
        if strict:
            raise _invalid("url_type", "URL input should be a string or URL", value)
        made = cls.__new__(cls)
        made._core = cls._constraints.check(value, cls._is_multiple)
        return made

    @property
    def scheme(self):
        return self._core.scheme

    @property
    def path(self):
        return self._core.path or None

    @property
    def query(self):
        return self._core.query

    @property
    def fragment(self):
        return self._core.fragment

    def query_params(self):
        from urllib.parse import parse_qsl

        return parse_qsl(self._core.query or "", keep_blank_values=True)

    def unicode_string(self):
        made = str(self)
        if "xn--" in made:
            refuse("a URL with a host that is not ASCII")
        return made

    def encoded_string(self):
        return str(self)

    def __str__(self):
        return str(self._core)

    def __repr__(self):
        return f"{type(self).__name__}({str(self)!r})"

    def __eq__(self, other):
        return str(self) == str(other) if type(self) is type(other) else NotImplemented

    def __lt__(self, other):
        return str(self) < str(other) if type(self) is type(other) else NotImplemented

    def __hash__(self):
        return hash(str(self))

    def __len__(self):
        return len(str(self))

    def __deepcopy__(self, memo):
        return self


class _Url(_Any):
    @property
    def username(self):
        return self._core.hosts[0]["username"] if self._core.hosts else None

    @property
    def password(self):
        return self._core.hosts[0]["password"] if self._core.hosts else None

    @property
    def host(self):
        return self._core.hosts[0]["host"] if self._core.hosts else None

    @property
    def port(self):
        found = self._core.hosts[0]["port"] if self._core.hosts else None
        return _PORTS.get(self._core.scheme) if found is None else found

    def unicode_host(self):
        if self.host is not None and "xn--" in self.host:
            refuse("a URL with a host that is not ASCII")
        return self.host

    @classmethod
    def build(cls, *, scheme, username=None, password=None, host, port=None, path=None, query=None, fragment=None):
        return cls._of_parts(_built([_part(host, username, password, port)], path, query, fragment, scheme))


class _BaseMultiHostUrl(_Any):
    _is_multiple = True

    def hosts(self):
        default = _PORTS.get(self._core.scheme)
        return [{**host, "port": default if host["port"] is None else host["port"]} for host in self._core.hosts or []]

    @classmethod
    def build(
        cls, *, scheme, hosts=None, username=None, password=None, host=None, port=None, path=None, query=None, fragment=None
    ):
        if hosts is not None:
            if any(item is not None for item in (username, password, host, port)):
                raise ValueError("expected one of `hosts` or singular values to be set.")
            parts = [_part(**item) for item in hosts]
        elif host is not None:
            parts = [_part(host, username, password, port)]
        else:
            raise ValueError("expected either `host` or `hosts` to be set")
        return cls._of_parts(_built(parts, path, query, fragment, scheme))


class AnyUrl(_Url):
    pass


class AnyHttpUrl(AnyUrl):
    _constraints = UrlConstraints(allowed_schemes=["http", "https"])


class HttpUrl(AnyUrl):
    _constraints = UrlConstraints(max_length=2083, allowed_schemes=["http", "https"])


class AnyWebsocketUrl(AnyUrl):
    _constraints = UrlConstraints(allowed_schemes=["ws", "wss"])


class WebsocketUrl(AnyUrl):
    _constraints = UrlConstraints(max_length=2083, allowed_schemes=["ws", "wss"])


class FileUrl(AnyUrl):
    _constraints = UrlConstraints(allowed_schemes=["file"])


class FtpUrl(AnyUrl):
    _constraints = UrlConstraints(allowed_schemes=["ftp"])


class PostgresDsn(_BaseMultiHostUrl):
    _constraints = UrlConstraints(
        host_required=True,
        allowed_schemes=[
            "postgres", "postgresql", "postgresql+asyncpg", "postgresql+pg8000", "postgresql+psycopg", "postgresql+psycopg2",
            "postgresql+psycopg2cffi", "postgresql+py-postgresql", "postgresql+pygresql",
        ],
    )


class CockroachDsn(AnyUrl):
    _constraints = UrlConstraints(
        host_required=True, allowed_schemes=["cockroachdb", "cockroachdb+psycopg2", "cockroachdb+asyncpg"]
    )


class AmqpDsn(AnyUrl):
    _constraints = UrlConstraints(allowed_schemes=["amqp", "amqps"])


class RedisDsn(AnyUrl):
    _constraints = UrlConstraints(
        allowed_schemes=["redis", "rediss"], default_host="localhost", default_port=6379, default_path="/0", host_required=True
    )


class MongoDsn(_BaseMultiHostUrl):
    _constraints = UrlConstraints(allowed_schemes=["mongodb", "mongodb+srv"], default_port=27017)


class KafkaDsn(AnyUrl):
    _constraints = UrlConstraints(allowed_schemes=["kafka"], default_host="localhost", default_port=9092)


class NatsDsn(_BaseMultiHostUrl):
    _constraints = UrlConstraints(allowed_schemes=["nats", "tls", "ws", "wss"], default_host="localhost", default_port=4222)


class MySQLDsn(AnyUrl):
    _constraints = UrlConstraints(
        allowed_schemes=[
            "mysql", "mysql+mysqlconnector", "mysql+aiomysql", "mysql+asyncmy", "mysql+mysqldb", "mysql+pymysql", "mysql+cymysql",
            "mysql+pyodbc",
        ],
        default_port=3306,
        host_required=True,
    )


class MariaDBDsn(AnyUrl):
    _constraints = UrlConstraints(allowed_schemes=["mariadb", "mariadb+mariadbconnector", "mariadb+pymysql"], default_port=3306)


class ClickHouseDsn(AnyUrl):
    _constraints = UrlConstraints(
        allowed_schemes=["clickhouse+native", "clickhouse+asynch", "clickhouse+http", "clickhouse", "clickhouses", "clickhousedb"],
        default_host="localhost",
        default_port=9000,
    )


class SnowflakeDsn(AnyUrl):
    _constraints = UrlConstraints(allowed_schemes=["snowflake"], host_required=True)


class EmailStr:
    """A text with an address, which `email_validator` checks. Of those, what is certain."""

    def __class_getitem__(cls, item):
        return item

    @classmethod
    def __aludel_validate__(cls, value, strict, context):
        text = _text(value, strict)
        if "@" not in text:
            message = "value is not a valid email address: An email address must have an @-sign."
            raise _invalid("value_error", message, value, {"reason": message})
        found = _re.fullmatch(r"([A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*)@([A-Za-z0-9-]+(?:\.[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*)+)", text)
        domain = found.group(2).lower() if found else ""
        known = domain.rpartition(".")[2]
        if not found or known in ("test", "local", "localhost", "invalid", "onion", "arpa") or len(text) > 60 or "--" in domain or domain[0] == "-" or not known.isalpha():
            refuse("an address that `email_validator` would check")
        return f"{found.group(1)}@{domain}"
