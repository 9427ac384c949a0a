"""Type hints: inert objects. What nearly every file asks for is here; the rest is in `_typing`."""
TYPE_CHECKING = False


class _Form:
    """A name that may be subscripted."""

    def __init__(self, name, origin=None):
        self._name = name
        self.__origin__ = origin

    def __getitem__(self, parameters):
        if not isinstance(parameters, tuple):
            parameters = (parameters,)
        return _Alias(self, parameters)

    def __call__(self, *args, **kwargs):
        if self.__origin__ is None:
            raise TypeError(f"Cannot instantiate typing.{self._name}")
        return self.__origin__(*args, **kwargs)

    def __or__(self, other):
        return Union[self, other]

    def __ror__(self, other):
        return Union[other, self]

    def __mro_entries__(self, bases):
        return (self.__origin__,) if self.__origin__ is not None else ()

    def __instancecheck__(self, instance):
        return isinstance(instance, self.__origin__)

    def __repr__(self):
        return f"typing.{self._name}"


class _Abstract(_Form):
    """A form of `collections.abc`, which is loaded when somebody asks what is behind it."""

    def __init__(self, name):
        self._name = name

    @property
    def __origin__(self):
        import collections.abc
        return getattr(collections.abc, self._name)


class _Alias:
    def __init__(self, form, parameters):
        self._form = form
        name = form._name
        if name == "Optional":
            parameters = (parameters[0], type(None))
        if name in ("Union", "Optional"):
            flat = []
            for parameter in parameters:
                parts = parameter.__args__ if isinstance(parameter, _Alias) and parameter.__origin__ is Union else (type(None) if parameter is None else parameter,)
                for part in parts:
                    if not any(part is known or part == known for known in flat):
                        flat.append(part)
            parameters = tuple(flat)
        self.__args__ = parameters
        self.__origin__ = (Union if name in ("Union", "Optional") else form.__origin__) or form
        self.__parameters__ = ()
        if name == "Annotated":
            self.__origin__ = parameters[0]
            self.__metadata__ = parameters[1:]
            self.__args__ = parameters[:1]

    def __getitem__(self, parameters):
        return self

    def __call__(self, *args, **kwargs):
        return self._form(*args, **kwargs)

    def __or__(self, other):
        return Union[self, other]

    def __ror__(self, other):
        return Union[other, self]

    def __mro_entries__(self, bases):
        return self._form.__mro_entries__(bases)

    def __eq__(self, other):
        return isinstance(other, _Alias) and self._form is other._form and self.__args__ == other.__args__

    def __hash__(self):
        return hash(self._form._name)

    def __repr__(self):
        import _typing
        return _typing.shown(self)


Any = _Form("Any", object)
Union = _Form("Union")
Optional = _Form("Optional")
List = _Form("List", list)
Dict = _Form("Dict", dict)
Sequence = _Abstract("Sequence")


def cast(typ, val):
    return val
