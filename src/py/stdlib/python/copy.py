"""Shallow and deep copies."""


class Error(Exception):
    pass


error = Error
_ATOMIC = (type(None), type(Ellipsis), type(NotImplemented), bool, int, float, str, bytes, type, range, type(lambda: 0), type(len), property)


def copy(x):
    cls = type(x)
    if cls in _ATOMIC or isinstance(x, type):
        return x
    own = getattr(cls, "__copy__", None)
    if own is not None:
        return own(x)
    if cls in (list, dict, set):
        return x.copy()
    if cls in (tuple, frozenset):
        return x
    return _rebuild(x, lambda value: value)


def deepcopy(x, memo=None):
    if memo is None:
        memo = {}
    known = memo.get(id(x))
    if known is not None:
        return known
    cls = type(x)
    if cls in _ATOMIC or isinstance(x, type):
        return x
    own = getattr(cls, "__deepcopy__", None)
    if own is not None:
        made = own(x, memo)
    elif cls is list:
        made = memo[id(x)] = []
        for item in x:
            made.append(deepcopy(item, memo))
    elif cls is dict:
        made = memo[id(x)] = {}
        for key, value in x.items():
            made[deepcopy(key, memo)] = deepcopy(value, memo)
    elif cls is tuple:
        made = tuple(deepcopy(item, memo) for item in x)
        if all(a is b for a, b in zip(made, x)):
            made = x
    elif cls in (set, frozenset):
        made = cls(deepcopy(item, memo) for item in x)
    else:
        made = _rebuild(x, lambda value: deepcopy(value, memo), memo)
    memo[id(x)] = made
    memo.setdefault("keep", []).append(x)
    return made


def _rebuild(x, convert, memo=None):
    cls = type(x)
    if not hasattr(x, "__dict__"):
        if cls.__module__ in ("datetime", "uuid", "decimal", "re", "zoneinfo", "_hashlib", "fractions"):
            return x
        raise Error(f"un(deep)copyable object of type {cls}")
    for base, methods in ((dict, "items"), (list, None), (set, None), (tuple, None), (str, None), (int, None), (float, None)):
        if isinstance(x, base):
            if base is dict:
                made = cls.__new__(cls)
                for key, value in dict.items(x):
                    dict.__setitem__(made, convert(key), convert(value))
            elif base is list:
                made = cls.__new__(cls)
                for value in list.__iter__(x):
                    list.append(made, convert(value))
            elif base is set:
                made = cls.__new__(cls)
                for value in set.__iter__(x):
                    set.add(made, convert(value))
            else:
                made = cls.__new__(cls, *([x] if base is not tuple else [tuple(convert(value) for value in tuple.__iter__(x))]))
            break
    else:
        made = cls.__new__(cls)
    if memo is not None:
        memo[id(x)] = made
    for name, value in x.__dict__.items():
        object.__setattr__(made, name, convert(value))
    return made
