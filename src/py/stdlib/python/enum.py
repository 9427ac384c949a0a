"""Enumerations."""
__all__ = ["Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "ReprEnum", "EnumMeta", "EnumType", "auto", "unique", "nonmember", "member", "property"]

_property = property


class auto:
    """Stands for a value that is chosen when the class is made."""

    def __init__(self, value=None):
        self.value = value


class nonmember:
    def __init__(self, value):
        self.value = value


class member:
    def __init__(self, value):
        self.value = value


def property(function):
    return _property(function)


def _is_descriptor(value):
    return hasattr(value, "__get__") or isinstance(value, (staticmethod, classmethod, _property, type(lambda: 0)))


def _is_private(class_name, name):
    prefix = "_" + class_name.lstrip("_") + "__"
    return name.startswith(prefix) and not name.endswith("__")


class EnumType(type):
    @classmethod
    def __prepare__(metacls, name, bases, **kwargs):
        return {}

    def __new__(metacls, name, bases, namespace, boundary=None, _simple=False, **kwargs):
        enum_bases = [base for base in bases if isinstance(base, EnumType)]
        for base in enum_bases:
            if base._member_map_:
                raise TypeError(f"<enum {name!r}> cannot extend {base!r}")
        ignored = namespace.get("_ignore_", [])
        if isinstance(ignored, str):
            ignored = ignored.replace(",", " ").split()
        values = {}
        rest = {}
        for key, value in list(namespace.items()):
            if key.startswith("__") and key.endswith("__"):
                rest[key] = value
            elif isinstance(value, nonmember):
                rest[key] = value.value
            elif isinstance(value, member):
                values[key] = value.value
            elif key in ignored or (key.startswith("_") and key.endswith("_") and len(key) > 2) or _is_private(name, key) or _is_descriptor(value):
                if key not in ignored:
                    rest[key] = value
            else:
                values[key] = value
        if enum_bases and "mro" in values:
            raise ValueError("invalid enum member name(s) 'mro'")
        rest["_member_map_"] = {}
        rest["_value2member_map_"] = {}
        rest["_member_names_"] = []
        rest["_unhashable_values_"] = []
        cls = super().__new__(metacls, name, bases, rest, **kwargs)
        data_type = None
        for base in cls.__mro__:
            if base in (object, cls) or isinstance(base, EnumType):
                continue
            if base in (int, str, float, bytes, tuple, complex_type) or base.__module__ == "builtins":
                data_type = base
                break
            if data_type is None and "__new__" in base.__dict__ or "__dataclass_fields__" in base.__dict__:
                data_type = base
                break
        cls._member_type_ = data_type or object
        if ReprEnum is not None and ReprEnum in bases:
            if data_type is None:
                raise TypeError("ReprEnum subclasses must be mixed with a data type (i.e. int, str, float, etc.)")
            own_str, own_format = _data_type_text(data_type)
            if "__format__" not in rest:
                type.__setattr__(cls, "__format__", own_format)
            if "__str__" not in rest:
                type.__setattr__(cls, "__str__", own_str)
        if enum_bases:
            for special in ("__repr__", "__str__", "__format__"):
                for base in cls.__mro__:
                    if base.__module__ == "builtins":
                        type.__setattr__(cls, special, getattr(enum_bases[-1], special))
                        break
                    if special in base.__dict__:
                        break
        own_new = None
        for base in cls.__mro__:
            if base is object or base.__module__ == "builtins":
                break
            if "__new__" in base.__dict__ and base is not Enum and not base.__dict__.get("_is_enum_root_", False):
                own_new = base.__dict__["__new__"]
                break
        if isinstance(own_new, staticmethod):
            own_new = own_new.__func__
        last_values = []
        for key, value in values.items():
            if isinstance(value, auto) or (isinstance(value, tuple) and any(isinstance(item, auto) for item in value)):
                made = cls._generate_next_value_(key, 1, len(last_values), list(last_values))
                if isinstance(value, tuple):
                    value = tuple(made if isinstance(item, auto) else item for item in value)
                else:
                    value = made
            _add_member(cls, key, value, own_new)
            last_values.append(cls._member_map_[key]._value_)
        return cls

    def __init__(cls, name, bases, namespace, **kwargs):
        pass

    def __call__(cls, value=None, names=None, *rest, module=None, qualname=None, type=None, start=1, boundary=None):
        if names is None and not rest:
            if not cls._member_map_ and cls in (Enum, IntEnum, StrEnum, Flag, IntFlag):
                raise TypeError(f"{cls.__name__}() missing a list of members")
            return _lookup(cls, value)
        if rest:
            names = (names,) + rest
            return _lookup(cls, (value,) + names)
        return _functional(cls, value, names, module, type, start)

    def __iter__(cls):
        return (cls._member_map_[name] for name in list(cls._member_names_))

    def __reversed__(cls):
        return (cls._member_map_[name] for name in reversed(list(cls._member_names_)))

    def __len__(cls):
        return len(cls._member_names_)

    def __bool__(cls):
        return True

    def __contains__(cls, value):
        if isinstance(value, Enum):
            return isinstance(value, cls)
        raise TypeError(f"unsupported operand type(s) for 'in': '{type(value).__qualname__}' and '{type(cls).__qualname__}'")

    def __getitem__(cls, name):
        return cls._member_map_[name]

    def __setattr__(cls, name, value):
        if name in cls.__dict__.get("_member_map_", {}):
            raise AttributeError(f"cannot reassign member {name!r}")
        super().__setattr__(name, value)

    def __delattr__(cls, name):
        if name in cls._member_map_:
            raise AttributeError(f"{cls.__name__!r} cannot delete member {name!r}.")
        super().__delattr__(name)

    def __repr__(cls):
        return f"<flag {cls.__name__!r}>" if Flag is not None and issubclass(cls, Flag) else f"<enum {cls.__name__!r}>"

    def __dir__(cls):
        return ["__class__", "__doc__", "__members__", "__module__"] + list(cls._member_names_)

    @_property
    def __members__(cls):
        from types import MappingProxyType
        return MappingProxyType(cls._member_map_)


EnumMeta = EnumType
complex_type = bytes
Flag = None
ReprEnum = None


def _data_type_text(data_type):
    """The `__str__` and the `__format__` of a data type, for its members."""
    if data_type.__module__ != "builtins":
        return data_type.__str__, data_type.__format__
    return (
        lambda self: data_type.__str__(self._value_),
        lambda self, spec: data_type.__format__(self._value_, spec) if spec else str(self),
    )


def _add_member(cls, name, value, own_new):
    data_type = cls._member_type_
    arguments = value if isinstance(value, tuple) else (value,)
    if data_type is tuple:
        arguments = (arguments,)
    if own_new is not None:
        made = own_new(cls, *arguments)
        if "_value_" not in made.__dict__:
            made._value_ = data_type(*arguments) if data_type is not object else value
    elif data_type is object:
        made = object.__new__(cls)
        made._value_ = value
    else:
        made = data_type.__new__(cls, *arguments)
        if data_type.__module__ == "builtins":
            made._value_ = data_type(*arguments)
        else:
            made._value_ = value
    value = made._value_
    if issubclass(cls, StrEnum_holder[0]) and not isinstance(value, str):
        raise TypeError(f"{value!r} is not a string")
    for known in cls._member_map_.values():
        if known._value_ == value and type(known._value_) is type(value) or known._value_ == value:
            cls._member_map_[name] = known
            type.__setattr__(cls, name, known)
            return
    made._name_ = name
    made.__objclass__ = cls
    made._sort_order_ = len(cls._member_names_)
    init = cls.__init__
    if init is not Enum_init[0] and "__init__" in {key for base in cls.__mro__ if base is not object and base.__module__ not in ("builtins", "enum") for key in base.__dict__}:
        made.__init__(*arguments)
    composite = Flag is not None and issubclass(cls, Flag) and (value == 0 or (isinstance(value, int) and value & (value - 1)))
    cls._member_map_[name] = made
    if not composite:
        cls._member_names_.append(name)
    type.__setattr__(cls, name, made)
    try:
        cls._value2member_map_.setdefault(value, made)
    except TypeError:
        pass


class _ClassHolder:
    pass


StrEnum_holder = [_ClassHolder]
Enum_init = [None]


def _lookup(cls, value):
    if type(value) is cls:
        return value
    try:
        found = cls._value2member_map_.get(value)
        if found is not None:
            return found
    except TypeError:
        pass
    for known in cls._member_map_.values():
        if known._value_ == value:
            return known
    result = cls._missing_(value)
    if isinstance(result, cls):
        return result
    if result is None:
        raise ValueError(f"{value!r} is not a valid {cls.__qualname__}")
    raise TypeError(f"error in {cls.__name__}._missing_: returned {result!r} instead of None or a valid member")


def _functional(cls, name, names, module, mixin, start):
    if isinstance(names, str):
        names = names.replace(",", " ").split()
    namespace = {}
    if hasattr(names, "items"):
        names = list(names.items())
    last = []
    for at, item in enumerate(names):
        if isinstance(item, str):
            value = cls._generate_next_value_(item, start, at, list(last))
            namespace[item] = value
        else:
            item, value = item
            namespace[item] = value
        last.append(value)
    if module is not None:
        namespace["__module__"] = module
    bases = (cls,) if mixin is None else (mixin, cls)
    return EnumType.__new__(type(cls), name, bases, namespace)


class Enum(metaclass=EnumType):
    _is_enum_root_ = True

    @staticmethod
    def _generate_next_value_(name, start, count, last_values):
        for value in reversed(last_values):
            if isinstance(value, int):
                return max(item for item in last_values if isinstance(item, int)) + 1
        return start

    @classmethod
    def _missing_(cls, value):
        return None

    def __repr__(self):
        return f"<{self.__class__.__name__}.{self._name_}: {self._value_!r}>"

    def __str__(self):
        return f"{self.__class__.__name__}.{self._name_}"

    def __format__(self, spec):
        return str.__format__(str(self), spec)

    def __hash__(self):
        return hash(self._name_)

    def __reduce_ex__(self, protocol):
        return self.__class__, (self._value_,)

    def __deepcopy__(self, memo):
        return self

    def __copy__(self):
        return self

    def __dir__(self):
        return ["__class__", "__doc__", "__module__", "name", "value"]

    @_property
    def name(self):
        return self._name_

    @_property
    def value(self):
        return self._value_

    def __setattr__(self, key, value):
        if key in ("name", "value"):
            raise AttributeError(f"<enum 'Enum'> cannot set attribute {key!r}")
        object.__setattr__(self, key, value)


Enum_init[0] = Enum.__init__


class ReprEnum(Enum):
    pass


class IntEnum(int, ReprEnum):
    def __str__(self):
        return int.__repr__(self._value_)

    def __format__(self, spec):
        return int.__format__(self._value_, spec)


class StrEnum(str, ReprEnum):
    def __str__(self):
        return self._value_

    def __format__(self, spec):
        return str.__format__(self._value_, spec)

    @staticmethod
    def _generate_next_value_(name, start, count, last_values):
        return name.lower()


StrEnum_holder[0] = StrEnum


class Flag(Enum):
    @staticmethod
    def _generate_next_value_(name, start, count, last_values):
        if not last_values:
            return start if start is not None else 1
        return 1 << max(last_values).bit_length()

    @classmethod
    def _missing_(cls, value):
        if not isinstance(value, int):
            return None
        known = 0
        for member in cls._member_map_.values():
            known |= member._value_
        if value < 0:
            value = known & value
        if value & ~known and not issubclass(cls, IntFlag):
            raise ValueError(f"{cls!r} invalid value {value!r}\n    given {format(value, '#b')}\n  allowed {format(known, '#b')}")
        if cls._member_type_ is int:
            made = int.__new__(cls, value)
        else:
            made = object.__new__(cls)
        made._value_ = value
        names = [member._name_ for member in cls if member._value_ & value]
        made._name_ = "|".join(names) if names and not value & ~known else None
        cls._value2member_map_[value] = made
        return made

    def __contains__(self, other):
        return other._value_ & self._value_ == other._value_

    def __iter__(self):
        return (member for member in self.__class__ if member._value_ & self._value_)

    def __len__(self):
        return bin(self._value_).count("1")

    def __bool__(self):
        return bool(self._value_)

    def __repr__(self):
        if self._name_ is None:
            return f"<{self.__class__.__name__}: {self._value_!r}>"
        return f"<{self.__class__.__name__}.{self._name_}: {self._value_!r}>"

    def __str__(self):
        if self._name_ is None:
            return f"{self.__class__.__name__}({self._value_!r})"
        return f"{self.__class__.__name__}.{self._name_}"

    def _other(self, other):
        if isinstance(other, self.__class__):
            return other._value_
        if self.__class__._member_type_ is int and isinstance(other, int):
            return other
        return None

    def __or__(self, other):
        value = self._other(other)
        return NotImplemented if value is None else self.__class__(self._value_ | value)

    def __and__(self, other):
        value = self._other(other)
        return NotImplemented if value is None else self.__class__(self._value_ & value)

    def __xor__(self, other):
        value = self._other(other)
        return NotImplemented if value is None else self.__class__(self._value_ ^ value)

    def __invert__(self):
        known = 0
        for member in self.__class__._member_map_.values():
            known |= member._value_
        return self.__class__(known & ~self._value_)

    __ror__ = __or__
    __rand__ = __and__
    __rxor__ = __xor__


class IntFlag(int, ReprEnum, Flag):
    def __str__(self):
        return int.__repr__(self._value_)

    def __format__(self, spec):
        return int.__format__(self._value_, spec)


def unique(enumeration):
    duplicates = [f"{alias} -> {member.name}" for alias, member in enumeration._member_map_.items() if alias != member.name]
    if duplicates:
        raise ValueError(f"duplicate values found in {enumeration!r}: {', '.join(duplicates)}")
    return enumeration
