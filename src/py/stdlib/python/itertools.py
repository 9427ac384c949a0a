"""Iterators."""


class chain:
    def __init__(self, *iterables):
        self._iterator = (item for iterable in iterables for item in iterable)

    @classmethod
    def from_iterable(cls, iterables):
        made = cls()
        made._iterator = (item for iterable in iterables for item in iterable)
        return made

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._iterator)


def count(start=0, step=1):
    while True:
        yield start
        start += step


def cycle(iterable):
    items = []
    for item in iterable:
        yield item
        items.append(item)
    while items:
        yield from items


def repeat(object, times=None):
    if times is None:
        while True:
            yield object
    for _ in range(times):
        yield object


def accumulate(iterable, func=None, *, initial=None):
    iterator = iter(iterable)
    total = initial
    if initial is None:
        for total in iterator:
            break
        else:
            return
    yield total
    for item in iterator:
        total = total + item if func is None else func(total, item)
        yield total


def compress(data, selectors):
    return (item for item, selected in zip(data, selectors) if selected)


def dropwhile(predicate, iterable):
    iterator = iter(iterable)
    for item in iterator:
        if not predicate(item):
            yield item
            break
    yield from iterator


def takewhile(predicate, iterable):
    for item in iterable:
        if not predicate(item):
            break
        yield item


def filterfalse(predicate, iterable):
    for item in iterable:
        if not (item if predicate is None else predicate(item)):
            yield item


def starmap(function, iterable):
    for args in iterable:
        yield function(*args)


def islice(iterable, *args):
    bounds = slice(*args)
    start, stop, step = bounds.start or 0, bounds.stop, 1 if bounds.step is None else bounds.step
    for name, bound in (("start", start), ("stop", stop if stop is not None else 0)):
        if bound < 0:
            raise ValueError("Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize." if name == "start" else "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.")
    return _islice(iterable, start, stop, step)


def _islice(iterable, start, stop, step):
    iterator = iter(iterable)
    at = 0
    wanted = start
    while stop is None or at < stop:
        if stop is not None and wanted >= stop:
            while at < stop:
                at += 1
                for _ in iterator:
                    break
                else:
                    return
            return
        for item in iterator:
            break
        else:
            return
        if at == wanted:
            yield item
            wanted += step
        at += 1


def pairwise(iterable):
    iterator = iter(iterable)
    for before in iterator:
        break
    else:
        return
    for item in iterator:
        yield before, item
        before = item


def zip_longest(*iterables, fillvalue=None):
    missing = object()
    iterators = [iter(iterable) for iterable in iterables]
    while iterators:
        items = [next(iterator, missing) for iterator in iterators]
        if all(item is missing for item in items):
            return
        yield tuple(fillvalue if item is missing else item for item in items)


def product(*iterables, repeat=1):
    pools = [tuple(iterable) for iterable in iterables] * repeat
    results = [()]
    for pool in pools:
        results = [result + (item,) for result in results for item in pool]
    yield from results


def permutations(iterable, r=None):
    pool = tuple(iterable)
    size = len(pool) if r is None else r

    def walk(chosen):
        if len(chosen) == size:
            yield tuple(pool[at] for at in chosen)
            return
        for at in range(len(pool)):
            if at not in chosen:
                yield from walk(chosen + (at,))
    if size <= len(pool):
        yield from walk(())


def _combinations(pool, size, start, again):
    if size == 0:
        yield ()
        return
    for at in range(start, len(pool)):
        for rest in _combinations(pool, size - 1, at if again else at + 1, again):
            yield (pool[at],) + rest


def combinations(iterable, r):
    return _combinations(tuple(iterable), r, 0, False)


def combinations_with_replacement(iterable, r):
    return _combinations(tuple(iterable), r, 0, True)


class groupby:
    def __init__(self, iterable, key=None):
        self._iterator = iter(iterable)
        self._key = key if key is not None else (lambda item: item)
        self._missing = object()
        self._item = self._missing
        self._group = self._missing
        self._value = self._missing

    def __iter__(self):
        return self

    def _advance(self):
        self._item = next(self._iterator, self._missing)
        if self._item is self._missing:
            return False
        self._value = self._key(self._item)
        return True

    def __next__(self):
        self._id = object()
        while self._value is self._missing or (self._item is not self._missing and self._group is not self._missing and self._value == self._group):
            if not self._advance():
                raise StopIteration
        if self._item is self._missing:
            raise StopIteration
        self._group = self._value
        return self._group, self._walk(self._group, self._id)

    def _walk(self, group, own):
        while self._id is own and self._item is not self._missing and self._value == group:
            yield self._item
            if not self._advance():
                return


def tee(iterable, n=2):
    items = list(iterable)
    return tuple(iter(items) for _ in range(n))
