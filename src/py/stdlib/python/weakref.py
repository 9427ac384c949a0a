"""Weak references that are strong: nothing is collected."""


class ref:
    def __init__(self, object, callback=None):
        self._object = object

    def __call__(self):
        return self._object


ReferenceType = WeakMethod = ref


def proxy(object, callback=None):
    return object


class WeakKeyDictionary(dict):
    pass


class WeakValueDictionary(dict):
    pass


class WeakSet(set):
    pass


def finalize(obj, func, /, *args, **kwargs):
    return lambda: None
