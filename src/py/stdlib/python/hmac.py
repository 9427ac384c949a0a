"""Keyed hashes."""
import _hmac


def _name(digestmod):
    if isinstance(digestmod, str):
        return digestmod.lower().replace("-", "")
    return digestmod().name if callable(digestmod) else digestmod.__name__


class HMAC:
    def __init__(self, key, msg=None, digestmod=""):
        if not digestmod:
            raise TypeError("Missing required argument 'digestmod'.")
        if not isinstance(key, bytes):
            raise TypeError(f"key: expected bytes or bytearray, but got {type(key).__name__!r}")
        self._key = key
        self._data = b""
        self._digest = _name(digestmod)
        if msg is not None:
            self.update(msg)

    @property
    def name(self):
        return "hmac-" + self._digest

    def update(self, msg):
        self._data += msg

    def digest(self):
        return _hmac.digest(self._key, self._data, self._digest)

    def hexdigest(self):
        return self.digest().hex()

    def copy(self):
        return HMAC(self._key, self._data, self._digest)


def new(key, msg=None, digestmod=""):
    return HMAC(key, msg, digestmod)


def digest(key, msg, digest):
    return _hmac.digest(key, msg, _name(digest))


def compare_digest(a, b):
    return a == b
