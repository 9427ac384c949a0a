"""lazy_object_proxy/simple.py: an object that is made when it is first used."""

_OWN = ("__factory__", "__target__")


class Proxy:
    def __init__(self, factory):
        object.__setattr__(self, "__factory__", factory)

    @property
    def __resolved__(self):
        return "__target__" in self.__dict__

    @property
    def __wrapped__(self):
        if "__target__" not in self.__dict__:
            object.__setattr__(self, "__target__", self.__factory__())
        return self.__target__

    @property
    def __class__(self):
        return self.__wrapped__.__class__

    def __getattr__(self, name):
        if name in _OWN:
            raise AttributeError(name)
        return getattr(self.__wrapped__, name)

    def __setattr__(self, name, value):
        setattr(self.__wrapped__, name, value)

    def __delattr__(self, name):
        delattr(self.__wrapped__, name)

    def __call__(self, *args, **kwargs):
        return self.__wrapped__(*args, **kwargs)

    def __repr__(self):
        if not self.__resolved__:
            return f"<Proxy at {id(self):#x} with factory {self.__factory__!r}>"
        target = self.__target__
        return f"<Proxy at {id(self):#x} wrapping {target!r} at {id(target):#x} with factory {self.__factory__!r}>"

    def __str__(self):
        return str(self.__wrapped__)

    def __format__(self, spec):
        return format(self.__wrapped__, spec)

    def __bool__(self):
        return bool(self.__wrapped__)

    def __hash__(self):
        return hash(self.__wrapped__)

    def __len__(self):
        return len(self.__wrapped__)

    def __iter__(self):
        return iter(self.__wrapped__)

    def __contains__(self, value):
        return value in self.__wrapped__

    def __getitem__(self, key):
        return self.__wrapped__[key]

    def __setitem__(self, key, value):
        self.__wrapped__[key] = value

    def __delitem__(self, key):
        del self.__wrapped__[key]

    def __eq__(self, other):
        return self.__wrapped__ == other

    def __ne__(self, other):
        return self.__wrapped__ != other

    def __lt__(self, other):
        return self.__wrapped__ < other

    def __le__(self, other):
        return self.__wrapped__ <= other

    def __gt__(self, other):
        return self.__wrapped__ > other

    def __ge__(self, other):
        return self.__wrapped__ >= other

    def __add__(self, other):
        return self.__wrapped__ + other

    def __radd__(self, other):
        return other + self.__wrapped__

    def __sub__(self, other):
        return self.__wrapped__ - other

    def __rsub__(self, other):
        return other - self.__wrapped__

    def __mul__(self, other):
        return self.__wrapped__ * other

    def __rmul__(self, other):
        return other * self.__wrapped__

    def __truediv__(self, other):
        return self.__wrapped__ / other

    def __mod__(self, other):
        return self.__wrapped__ % other

    def __and__(self, other):
        return self.__wrapped__ & other

    def __or__(self, other):
        return self.__wrapped__ | other

    def __int__(self):
        return int(self.__wrapped__)

    def __float__(self):
        return float(self.__wrapped__)

    def __index__(self):
        return self.__wrapped__.__index__()
