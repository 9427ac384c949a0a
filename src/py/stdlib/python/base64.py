"""Base 64, 32 and 16."""
import binascii


def _bytes(s):
    return s.encode("ascii") if isinstance(s, str) else s


def b64encode(s, altchars=None):
    if isinstance(s, str):
        raise TypeError("a bytes-like object is required, not 'str'")
    encoded = binascii.b2a_base64(s, newline=False)
    if altchars is not None:
        encoded = encoded.replace(b"+", altchars[:1]).replace(b"/", altchars[1:2])
    return encoded


def b64decode(s, altchars=None, validate=False):
    s = _bytes(s)
    if altchars is not None:
        altchars = _bytes(altchars)
        s = s.replace(altchars[:1], b"+").replace(altchars[1:2], b"/")
    if validate:
        import re
        if not re.fullmatch("[A-Za-z0-9+/]*={0,2}", s.decode("latin-1")):
            raise binascii.Error("Only base64 data is allowed")
    return binascii.a2b_base64(s)


def standard_b64encode(s):
    return b64encode(s)


def standard_b64decode(s):
    return b64decode(s)


def urlsafe_b64encode(s):
    return b64encode(s, b"-_")


def urlsafe_b64decode(s):
    return b64decode(s, b"-_")


def encodebytes(s):
    return b"".join(binascii.b2a_base64(s[at:at + 57]) for at in range(0, len(s), 57))


def decodebytes(s):
    return binascii.a2b_base64(s)


def b16encode(s):
    return binascii.hexlify(s).upper()


def b16decode(s, casefold=False):
    s = _bytes(s)
    return binascii.unhexlify(s.upper() if casefold else s)


_B32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def b32encode(s):
    result = ""
    for at in range(0, len(s), 5):
        chunk = s[at:at + 5]
        number = int.from_bytes(chunk + bytes(5 - len(chunk)), "big")
        digits = "".join(_B32[(number >> shift) & 31] for shift in range(35, -1, -5))
        used = (len(chunk) * 8 + 4) // 5
        result += digits[:used] + "=" * (8 - used)
    return result.encode()


def b32decode(s, casefold=False, map01=None):
    text = _bytes(s).decode("ascii")
    if casefold:
        text = text.upper()
    if len(text) % 8:
        raise binascii.Error("Incorrect padding")
    result = b""
    for at in range(0, len(text), 8):
        chunk = text[at:at + 8].rstrip("=")
        number = 0
        for digit in chunk + "A" * (8 - len(chunk)):
            if digit not in _B32:
                raise binascii.Error("Non-base32 digit found")
            number = number << 5 | _B32.index(digit)
        result += number.to_bytes(5, "big")[:len(chunk) * 5 // 8]
    return result
