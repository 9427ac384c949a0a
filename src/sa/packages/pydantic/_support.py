"""Errors, fields and decorators."""
import copy as _copy
import functools as _functools
import types as _types

from _aludel import arity, refuse, unresolved, is_unresolved

VERSION = "2.14"


class PydanticUndefinedType:
    def __repr__(self):
        return "PydanticUndefined"

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self


Undefined = PydanticUndefinedType()


class PydanticErrorMixin:
    __module__ = "pydantic.errors"

    def __init__(self, message, *, code=None):
        self.message = message
        self.code = code

    def __str__(self):
        if self.code is None:
            return self.message
        return f"{self.message}\n\nFor further information visit https://errors.pydantic.dev/{VERSION}/u/{self.code}"


class PydanticUserError(PydanticErrorMixin, TypeError):
    __module__ = "pydantic.errors"


class PydanticUndefinedAnnotation(PydanticErrorMixin, NameError):
    __module__ = "pydantic.errors"


class PydanticImportError(PydanticErrorMixin, ImportError):
    __module__ = "pydantic.errors"

    def __init__(self, message):
        super().__init__(message, code="import-error")


class PydanticSchemaGenerationError(PydanticUserError):
    def __init__(self, message):
        super().__init__(message, code="schema-for-unknown-type")


class PydanticCustomError(ValueError):
    def __init__(self, error_type, message_template, context=None):
        self.type = error_type
        self.message_template = message_template
        self.context = context

    def message(self):
        text = self.message_template
        for name, value in (self.context or {}).items():
            text = text.replace("{" + name + "}", str(value))
        return text

    __str__ = message


class PydanticOmit(Exception):
    pass


class PydanticUseDefault(Exception):
    pass


class Invalid(Exception):
    """What does not fit, while it climbs: a list of (type, location, message, value, context)."""

    def __init__(self, lines):
        self.lines = lines

    def below(self, place):
        return Invalid([(kind, (place, *location), *rest) for kind, location, *rest in self.lines])


def invalid(kind, message, value, context=None):
    return Invalid([(kind, (), message, value, context)])


class ValidationError(ValueError):
    """Its text leaves the values out: they may be secrets."""

    __module__ = "pydantic_core._pydantic_core"

    def __init__(self, title, lines):
        self.title = title
        self._lines = lines

    def error_count(self):
        return len(self._lines)

    def errors(self, *, include_url=True, include_context=True, include_input=True):
        found = []
        for kind, location, message, value, context in self._lines:
            line = {"type": kind, "loc": location, "msg": message}
            if include_input:
                line["input"] = value
            if context and include_context:
                line["ctx"] = context
            if include_url and kind not in ("value_error.custom",):
                line["url"] = f"https://errors.pydantic.dev/{VERSION}/v/{kind}"
            found.append(line)
        return found

    def json(self, **keywords):
        refuse("`ValidationError.json`")

    def __str__(self):
        count = len(self._lines)
        made = [f"{count} validation error{'' if count == 1 else 's'} for {self.title}"]
        for kind, location, message, value, _context in self._lines:
            if location:
                made.append(".".join(str(part) for part in location))
            made.append(f"  {message} [type={kind}, input_type={type(value).__name__}]")
            made.append(f"    For further information visit https://errors.pydantic.dev/{VERSION}/v/{kind}")
        return "\n".join(made)

    __repr__ = __str__


class AliasPath:
    def __init__(self, first_arg, *args):
        self.path = [first_arg, *args]

    def convert_to_aliases(self):
        return self.path

    def search_dict_for_path(self, values):
        found = values
        for part in self.path:
            if isinstance(found, str):
                return Undefined
            try:
                found = found[part]
            except (KeyError, IndexError, TypeError):
                return Undefined
        return found


class AliasChoices:
    def __init__(self, first_choice, *choices):
        self.choices = [first_choice, *choices]

    def convert_to_aliases(self):
        return [[choice] if isinstance(choice, str) else choice.path for choice in self.choices]


class AliasGenerator:
    def __init__(self, alias=None, validation_alias=None, serialization_alias=None):
        self.alias = alias
        self.validation_alias = validation_alias
        self.serialization_alias = serialization_alias


CONSTRAINTS = (
    "multiple_of", "le", "lt", "ge", "gt", "min_length", "max_length", "pattern", "strict", "allow_inf_nan",
    "max_digits", "decimal_places", "coerce_numbers_to_str", "union_mode", "fail_fast",
)


_LIMITING = set(CONSTRAINTS)


class FieldInfo:
    def __init__(self, **given):
        self._given = given
        self.annotation = given.get("annotation")
        default = given.get("default", Undefined)
        self.default = Undefined if default is ... else default
        self.default_factory = given.get("default_factory")
        self.alias = given.get("alias")
        self.validation_alias = given.get("validation_alias")
        if self.validation_alias is None:
            self.validation_alias = self.alias
        self.serialization_alias = given.get("serialization_alias")
        if self.serialization_alias is None and isinstance(self.alias, str):
            self.serialization_alias = self.alias
        self.exclude = given.get("exclude")
        self.discriminator = given.get("discriminator")
        self.frozen = given.get("frozen")
        self.validate_default = given.get("validate_default")
        self.repr = given.get("repr", True)
        self.metadata = []
        if any(name in _LIMITING for name in given):
            self.metadata = [Constraint(name, given[name]) for name in CONSTRAINTS if given.get(name) is not None]

    def __getattr__(self, name):
        if name in ("title", "description", "examples", "deprecated", "json_schema_extra", "init", "init_var", "kw_only"):
            return self._given.get(name)
        raise AttributeError(f"'FieldInfo' object has no attribute {name!r}")

    def is_required(self):
        return self.default is Undefined and self.default_factory is None

    def get_default(self, *, call_default_factory=False, validated_data=None):
        if self.default_factory is not None:
            if not call_default_factory:
                return None
            return self.made_default(validated_data)
        return copied(self.default)

    def made_default(self, data):
        known = arity(self.default_factory)
        if known is not None and len(known[0]) - known[1] == 1:
            return self.default_factory(data)
        return self.default_factory()

    def merged(self, other):
        """A field with what another one was given on top."""
        given = {**self._given, **other._given}
        if "default" in other._given and "default_factory" not in other._given:
            given.pop("default_factory", None)
        if "default_factory" in other._given and "default" not in other._given:
            given.pop("default", None)
        if "alias" in other._given and "validation_alias" not in other._given:
            given.pop("validation_alias", None)
        made = FieldInfo(**given)
        named = {item.name for item in made.metadata if isinstance(item, Constraint)}
        made.metadata.extend(item for item in self.metadata if not (isinstance(item, Constraint) and item.name in named))
        return made

    def __repr__(self):
        refuse("the text of a `FieldInfo`")


class Constraint:
    """One of the arguments of `Field` that limit a value."""

    def __init__(self, name, value):
        self.name = name
        self.value = value


_V1_ONLY = {
    "const": "`const` is removed, use `Literal` instead",
    "regex": "`regex` is removed. use `pattern` instead",
}


def Field(default=..., *, env=None, min_items=None, max_items=None, **given):
    for name, message in _V1_ONLY.items():
        if given.get(name) is not None:
            raise PydanticUserError(message, code="removed-kwargs")
    if default is not ... and default is not Undefined and given.get("default_factory") is not None:
        raise TypeError("cannot specify both default and default_factory")
    if min_items is not None:
        given.setdefault("min_length", min_items)
    if max_items is not None:
        given.setdefault("max_length", max_items)
    if default is not Undefined and not (default is ... and "default_factory" in given):
        given["default"] = default
    if is_unresolved(given.get("validation_alias")) or is_unresolved(given.get("alias")):
        refuse("a field whose alias could not be evaluated")
    return FieldInfo(**given)


class ModelPrivateAttr:
    def __init__(self, default=Undefined, *, default_factory=None):
        self.default = default
        self.default_factory = default_factory

    def get_default(self):
        return copied(self.default) if self.default_factory is None else self.default_factory()


def PrivateAttr(default=Undefined, *, default_factory=None, init=False):
    if default is not Undefined and default_factory is not None:
        raise TypeError("cannot specify both default and default_factory")
    return ModelPrivateAttr(default, default_factory=default_factory)


def copied(value):
    return _copy.deepcopy(value) if isinstance(value, (list, dict, set)) else value


class Decorated:
    """A method that a decorator of pydantic has marked, until the class is made."""

    def __init__(self, kind, function, *, fields=(), mode="after", **options):
        self.kind = kind
        self.wrapped = function
        self.fields = fields
        self.mode = mode
        self.options = options

    def __get__(self, instance, owner=None):
        getter = getattr(type(self.wrapped), "__get__", None)
        return self.wrapped if getter is None else self.wrapped.__get__(instance, owner)

    def __call__(self, *arguments, **keywords):
        return self.wrapped(*arguments, **keywords)


def raw_function(method):
    return getattr(method, "__func__", method)


def _as_classmethod(function):
    if isinstance(function, (classmethod, staticmethod)) or is_unresolved(function):
        return function
    if isinstance(function, Decorated):
        return function.wrapped
    known = arity(function)
    if known is not None and known[0] and known[0][0] == "cls":
        return classmethod(function)
    return function


def field_validator(field, /, *fields, mode="after", check_fields=None, json_schema_input_type=Undefined):
    names = (field, *fields)
    if not all(is_unresolved(name) or isinstance(name, str) for name in names):
        raise PydanticUserError(
            "`@field_validator` fields should be passed as separate string args.\n"
            "E.g. usage should be `@field_validator('<field_name_1>', '<field_name_2>', ...)`",
            code="validator-invalid-fields",
        )

    def mark(function):
        return Decorated("field", _as_classmethod(function), fields=names, mode=mode, check_fields=check_fields)

    return mark


def model_validator(*, mode):
    def mark(function):
        if mode != "after":
            function = _as_classmethod(function)
        return Decorated("model", function, mode=mode)

    return mark


def validator(field, /, *fields, pre=False, each_item=False, always=False, check_fields=None, allow_reuse=False):
    names = (field, *fields)
    if callable(field) and not isinstance(field, str):
        raise PydanticUserError(
            "`@validator` should be used with fields and keyword arguments, not bare. "
            "E.g. usage should be `@validator('<field_name>', ...)`",
            code="validator-no-fields",
        )

    def mark(function):
        return Decorated(
            "v1 field", _as_classmethod(function), fields=names, mode="before" if pre else "after", each_item=each_item,
            always=always, check_fields=check_fields,
        )

    return mark


def root_validator(*given, pre=False, skip_on_failure=False, allow_reuse=False):
    if given:
        return root_validator()(*given)
    if not pre and not skip_on_failure:
        raise PydanticUserError(
            "If you use `@root_validator` with pre=False (the default) you MUST specify `skip_on_failure=True`."
            " Note that `@root_validator` is deprecated and should be replaced with `@model_validator`.",
            code="root-validator-pre-skip",
        )

    def mark(function):
        return Decorated("root", _as_classmethod(function), mode="before" if pre else "after")

    return mark


def _serializer(kind):
    def decorator(*given, **options):
        if len(given) == 1 and not isinstance(given[0], str):
            return Decorated(kind, given[0])
        return lambda function: Decorated(kind, function, fields=given)

    return decorator


field_serializer = _serializer("field serializer")
model_serializer = _serializer("model serializer")


class ComputedField:
    """A property that is part of what a model dumps."""

    def __init__(self, wrapped):
        self.wrapped = wrapped


def computed_field(function=None, /, *, alias=None, **options):
    def mark(found):
        if not isinstance(found, (property, _functools.cached_property)) and not is_unresolved(found):
            found = property(found)
        made = Decorated("computed", found, mode="computed", alias=alias)
        return made

    return mark if function is None else mark(function)


class ValidationInfo:
    def __init__(self, data, field_name, config, context=None):
        self.data = data
        self.field_name = field_name
        self.config = config
        self.context = context
        self.mode = "python"


class BeforeValidator:
    mode = "before"

    def __init__(self, func, json_schema_input_type=Undefined):
        self.func = func


class AfterValidator:
    mode = "after"

    def __init__(self, func):
        self.func = func


class PlainValidator(BeforeValidator):
    mode = "plain"


class WrapValidator(BeforeValidator):
    mode = "wrap"


class _Inert:
    """A mark in `Annotated` that does nothing to a value that is read."""

    def __init__(self, *arguments, **keywords):
        pass


class PlainSerializer(_Inert):
    pass


class WrapSerializer(_Inert):
    pass


class WithJsonSchema(_Inert):
    pass


class SkipValidation:
    def __class_getitem__(cls, item):
        import typing
        return typing.Annotated[item, SkipValidation()]


class InstanceOf:
    def __class_getitem__(cls, item):
        import typing
        return typing.Annotated[item, InstanceOf()]


class SerializeAsAny:
    def __class_getitem__(cls, item):
        import typing
        return typing.Annotated[item, SerializeAsAny()]


class Strict:
    def __init__(self, strict=True):
        self.strict = strict


class Discriminator:
    def __init__(self, discriminator, **options):
        self.discriminator = discriminator


class Tag:
    def __init__(self, tag):
        self.tag = tag


class StringConstraints:
    def __init__(
        self, *, strip_whitespace=None, to_upper=None, to_lower=None, strict=None, min_length=None, max_length=None,
        pattern=None, ascii_only=None,
    ):
        self.given = {name: value for name, value in locals().items() if name != "self" and value is not None}


class AllowInfNan:
    def __init__(self, allow_inf_nan=True):
        self.allow_inf_nan = allow_inf_nan


def to_pascal(snake):
    import re

    return re.sub(r"([0-9A-Za-z])_(?=[0-9A-Z])", lambda found: found.group(1), snake.title())


def to_camel(snake):
    import re

    if re.match("^[a-z]+[A-Za-z0-9]*$", snake) and not re.search(r"\d[a-z]", snake):
        return snake
    return re.sub("(^_*[A-Z])", lambda found: found.group(1).lower(), to_pascal(snake))


def to_snake(camel):
    refuse("`to_snake` of pydantic")
