"""Tools for functions."""
__all__ = ["cache", "cached_property", "cmp_to_key", "lru_cache", "partial", "partialmethod", "reduce", "singledispatch", "total_ordering", "update_wrapper", "wraps"]

WRAPPER_ASSIGNMENTS = ("__module__", "__name__", "__qualname__", "__doc__", "__annotations__")
WRAPPER_UPDATES = ("__dict__",)
_missing = object()


def update_wrapper(wrapper, wrapped, assigned=WRAPPER_ASSIGNMENTS, updated=WRAPPER_UPDATES):
    for name in assigned:
        value = getattr(wrapped, name, _missing)
        if value is not _missing:
            try:
                setattr(wrapper, name, value)
            except (AttributeError, TypeError):
                pass
    wrapper.__wrapped__ = wrapped
    return wrapper


def wraps(wrapped, assigned=WRAPPER_ASSIGNMENTS, updated=WRAPPER_UPDATES):
    def decorate(wrapper):
        return update_wrapper(wrapper, wrapped, assigned, updated)
    return decorate


class partial:
    def __init__(self, func, /, *args, **keywords):
        if not callable(func):
            raise TypeError("the first argument must be callable")
        if isinstance(func, partial):
            args = func.args + args
            keywords = {**func.keywords, **keywords}
            func = func.func
        self.func = func
        self.args = args
        self.keywords = keywords

    def __call__(self, /, *args, **keywords):
        return self.func(*self.args, *args, **{**self.keywords, **keywords})

    def __repr__(self):
        parts = [repr(self.func)] + [repr(arg) for arg in self.args] + [f"{key}={value!r}" for key, value in self.keywords.items()]
        return f"functools.partial({', '.join(parts)})"


class partialmethod:
    def __init__(self, func, /, *args, **keywords):
        self.func = func
        self.args = args
        self.keywords = keywords

    def __get__(self, instance, owner=None):
        if instance is None:
            return partial(self.func, *self.args, **self.keywords)
        return partial(self.func, instance, *self.args, **self.keywords)


def reduce(function, iterable, initial=_missing, /):
    iterator = iter(iterable)
    if initial is _missing:
        value = next(iterator, _missing)
        if value is _missing:
            raise TypeError("reduce() of empty iterable with no initial value")
    else:
        value = initial
    for item in iterator:
        value = function(value, item)
    return value


class _CacheInfo:
    def __init__(self, hits, misses, maxsize, currsize):
        self.hits, self.misses, self.maxsize, self.currsize = hits, misses, maxsize, currsize

    def __repr__(self):
        return f"CacheInfo(hits={self.hits}, misses={self.misses}, maxsize={self.maxsize}, currsize={self.currsize})"


class _lru_cache_wrapper:
    def __init__(self, function, maxsize, typed):
        self._function = function
        self._maxsize = maxsize
        self._typed = typed
        self.cache_clear()
        update_wrapper(self, function)

    def __call__(self, *args, **kwargs):
        key = (args, tuple(kwargs.items()))
        if self._typed:
            key += (tuple(type(arg) for arg in args),)
        if key in self._entries:
            self._hits += 1
            value = self._entries.pop(key)
            self._entries[key] = value
            return value
        self._misses += 1
        value = self._function(*args, **kwargs)
        self._entries[key] = value
        if self._maxsize is not None and len(self._entries) > self._maxsize:
            del self._entries[next(iter(self._entries))]
        return value

    def __get__(self, instance, owner=None):
        return self if instance is None else partial(self, instance)

    def cache_clear(self):
        self._entries = {}
        self._hits = 0
        self._misses = 0

    def cache_info(self):
        return _CacheInfo(self._hits, self._misses, self._maxsize, len(self._entries))


def lru_cache(maxsize=128, typed=False):
    if callable(maxsize):
        return _lru_cache_wrapper(maxsize, 128, typed)
    return lambda function: _lru_cache_wrapper(function, maxsize, typed)


def cache(function, /):
    return _lru_cache_wrapper(function, None, False)


class cached_property:
    def __init__(self, func):
        self.func = func
        self.attrname = None
        self.__doc__ = func.__doc__

    def __set_name__(self, owner, name):
        self.attrname = name

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        name = self.attrname or self.func.__name__
        value = instance.__dict__.get(name, _missing)
        if value is _missing:
            value = self.func(instance)
            object.__setattr__(instance, name, value)
        return value


def cmp_to_key(compare):
    class Key:
        def __init__(self, obj):
            self.obj = obj

        def __lt__(self, other):
            return compare(self.obj, other.obj) < 0

        def __gt__(self, other):
            return compare(self.obj, other.obj) > 0

        def __eq__(self, other):
            return compare(self.obj, other.obj) == 0

        def __le__(self, other):
            return compare(self.obj, other.obj) <= 0

        def __ge__(self, other):
            return compare(self.obj, other.obj) >= 0
    return Key


def total_ordering(cls):
    defined = {name for name in ("__lt__", "__le__", "__gt__", "__ge__") if any(name in base.__dict__ for base in cls.__mro__ if base is not object)}
    if not defined:
        raise ValueError("must define at least one ordering operation: < > <= >=")
    if "__lt__" in defined:
        made = {"__gt__": lambda a, b: not (a < b) and a != b, "__le__": lambda a, b: a < b or a == b, "__ge__": lambda a, b: not a < b}
    elif "__le__" in defined:
        made = {"__ge__": lambda a, b: not (a <= b) or a == b, "__lt__": lambda a, b: a <= b and a != b, "__gt__": lambda a, b: not a <= b}
    elif "__gt__" in defined:
        made = {"__lt__": lambda a, b: not (a > b) and a != b, "__ge__": lambda a, b: a > b or a == b, "__le__": lambda a, b: not a > b}
    else:
        made = {"__le__": lambda a, b: not (a >= b) or a == b, "__gt__": lambda a, b: a >= b and a != b, "__lt__": lambda a, b: not a >= b}
    for name, function in made.items():
        if name not in defined:
            setattr(cls, name, function)
    return cls


def singledispatch(function):
    registry = {object: function}

    def dispatch(cls):
        for base in cls.__mro__:
            if base in registry:
                return registry[base]
        return function

    def register(cls, func=None):
        if func is None:
            if isinstance(cls, type):
                return lambda func: register(cls, func)
            func = cls
            cls = next(iter(func.__annotations__.values()))
        registry[cls] = func
        return func

    def wrapper(*args, **kwargs):
        if not args:
            raise TypeError(f"{function.__name__} requires at least 1 positional argument")
        return dispatch(type(args[0]))(*args, **kwargs)

    wrapper.register = register
    wrapper.dispatch = dispatch
    wrapper.registry = registry
    update_wrapper(wrapper, function)
    return wrapper
