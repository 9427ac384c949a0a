"""Models: what is told of fields when a class is made, and what is checked when a value is."""
import functools as _functools
import types as _types
import typing as _typing
from abc import ABCMeta

from _aludel import arity, attempt, is_unresolved, refuse, unresolved

from ._support import (
    AliasChoices,
    AliasGenerator,
    AliasPath,
    Decorated,
    FieldInfo,
    Invalid,
    ModelPrivateAttr,
    PydanticUserError,
    Undefined,
    ValidationError,
    copied,
    invalid,
    raw_function,
)

CONFIG_KEYS = {
    "title", "model_title_generator", "field_title_generator", "str_to_lower", "str_to_upper", "str_strip_whitespace",
    "str_min_length", "str_max_length", "extra", "frozen", "populate_by_name", "use_enum_values", "validate_assignment",
    "arbitrary_types_allowed", "from_attributes", "loc_by_alias", "alias_generator", "ignored_types", "allow_inf_nan",
    "json_schema_extra", "json_encoders", "strict", "revalidate_instances", "ser_json_timedelta", "ser_json_temporal",
    "val_temporal_unit", "ser_json_bytes", "val_json_bytes", "ser_json_inf_nan", "validate_default", "validate_return",
    "protected_namespaces", "hide_input_in_errors", "defer_build", "plugin_settings", "schema_generator",
    "json_schema_serialization_defaults_required", "json_schema_mode_override", "coerce_numbers_to_str",
    "regex_engine", "validation_error_cause", "use_attribute_docstrings", "cache_strings", "validate_by_alias",
    "validate_by_name", "serialize_by_alias", "url_preserve_empty_path", "polymorphic_serialization",
}
_PLAIN = (property, classmethod, staticmethod, _types.FunctionType, _functools.cached_property)
_MISSING = object()


def _is_classvar(annotation):
    if is_unresolved(annotation):
        return False
    if isinstance(annotation, str):
        return annotation.strip().replace("typing.", "").replace("t.", "").startswith("ClassVar")
    if isinstance(annotation, type):
        return False
    if _typing.get_origin(annotation) is _typing.Annotated:
        return _is_classvar(annotation.__origin__)
    return annotation is _typing.ClassVar or _typing.get_origin(annotation) is _typing.ClassVar


def _is_private(name):
    return name.startswith("_") and not name.startswith("__")


def _of_config_class(config):
    found = {}
    for base in reversed(config.__mro__):
        if base is not object:
            found.update({name: value for name, value in vars(base).items() if not name.startswith("__")})
    return found


def _own_config(namespace, name):
    """What a class itself says of its configuration."""
    written, old = namespace.get("model_config"), namespace.get("Config")
    if is_unresolved(written) or is_unresolved(old):
        return {"_unresolved": f"the configuration of `{name}` could not be evaluated"}
    if written and isinstance(old, type):
        raise PydanticUserError('"Config" and "model_config" cannot be used together', code="config-both")
    if isinstance(written, dict):
        return written
    return _of_config_class(old) if isinstance(old, type) else {}


def _config_of(bases, namespace, name, keywords):
    config = {}
    for base in bases:
        known = getattr(base, "model_config", None)
        if isinstance(known, dict):
            config.update(known)
        elif is_unresolved(base):
            config["_unresolved"] = f"a base of `{name}` could not be evaluated"
    config.update(_own_config(namespace, name))
    keys = getattr(bases[0], "__aludel_config_keys__", CONFIG_KEYS) if bases else CONFIG_KEYS
    config.update({key: keywords.pop(key) for key in list(keywords) if key in keys})
    return config


def _is_inner_class(value, namespace):
    if not isinstance(value, type) or is_unresolved(value):
        return False
    return getattr(value, "__module__", None) == namespace.get("__module__") and value.__qualname__.startswith(
        f"{namespace.get('__qualname__')}."
    )


def _check_unannotated(name, value, bases, config):
    """What stands in a model without an annotation and is nothing else either."""
    ignored = config.get("ignored_types") or ()
    if isinstance(value, _PLAIN) or isinstance(value, tuple(ignored)) or type(value).__module__ == "functools":
        return
    if name.startswith("__"):
        return
    for base in bases:
        for above in base.__mro__:
            own = vars(above).get("__aludel_own__")
            if own is not None and name in own["classvars"]:
                return
            if own is not None and name in own["annotations"]:
                raise PydanticUserError(
                    f"Field {name!r} defined on a base class was overridden by a non-annotated attribute. "
                    "All field definitions, including overrides, require a type annotation.",
                    code="model-field-overridden",
                )
    raise PydanticUserError(
        f"A non-annotated attribute was detected: `{name} = {value!r}`. All model fields require a type annotation; "
        f"if `{name}` is not meant to be a field, you may be able to resolve this error by annotating it as a "
        "`ClassVar` or updating `model_config['ignored_types']`.",
        code="model-field-missing-annotation",
    )


def _sorted_namespace(namespace, bases, config):
    """The namespace of a model: what stays with the class, and what is said of its fields."""
    annotations = dict(namespace.get("__annotations__") or {})
    own = {"annotations": {}, "defaults": {}, "decorators": {}, "private": {}, "classvars": set()}
    kept = {}
    for key, annotation in annotations.items():
        if key.startswith("__") or key == "model_config":
            continue
        if _is_classvar(annotation):
            own["classvars"].add(key)
        elif _is_private(key):
            own["private"][key] = namespace.get(key, Undefined)
        else:
            own["annotations"][key] = annotation
            if key in namespace:
                own["defaults"][key] = namespace[key]
    for key, value in namespace.items():
        if key in own["defaults"] or key in own["private"]:
            continue
        if is_unresolved(value) or key in ("model_config", "Config") or key.startswith("__") or key in own["classvars"]:
            kept[key] = value
        elif isinstance(value, Decorated):
            own["decorators"][key] = value
            kept[key] = value.wrapped
        elif _is_inner_class(value, namespace):
            kept[key] = value
        elif isinstance(value, ModelPrivateAttr):
            if not key.startswith("_"):
                raise NameError(f"Private attributes must not use valid field names; use sunder names, e.g. {'_' + key!r} instead of {key!r}.")
            own["private"][key] = value
        elif _is_private(key) and not isinstance(value, _PLAIN) and type(value).__module__ != "functools":
            own["private"][key] = value
        else:
            if bases:
                _check_unannotated(key, value, bases, config)
            kept[key] = value
    return kept, own


class ModelMetaclass(ABCMeta):
    def __new__(mcs, name, bases, namespace, **keywords):
        config = _config_of(bases, namespace, name, keywords)
        is_root = not any(isinstance(base, ModelMetaclass) for base in bases)
        kept, own = _sorted_namespace(namespace, () if is_root else bases, config)
        kept["model_config"] = config
        kept["__aludel_own__"] = own
        cls = super().__new__(mcs, name, bases, kept, **keywords)
        hook = getattr(cls, "__pydantic_init_subclass__", None)
        if hook is not None and not is_unresolved(hook):
            hook(**keywords)
        return cls

    def __init__(cls, name, bases, namespace, **keywords):
        type.__init__(cls, name, bases, namespace)

    @property
    def model_fields(cls):
        return plan_of(cls).infos

    @property
    def __pydantic_fields__(cls):
        return plan_of(cls).infos

    @property
    def __fields__(cls):
        return plan_of(cls).infos

    @property
    def model_computed_fields(cls):
        return plan_of(cls).computed


class _Slot:
    """A field of a plan."""

    def __init__(self, name, info):
        self.name = name
        self.info = info
        self.check = None
        self.keys = []
        self.validate_default = False


class Plan:
    """What is done to make an instance of a class. Made when the first one is."""

    def __init__(self, cls):
        from . import _schema

        self.cls = cls
        self.config = cls.model_config
        reason = self.config.get("_unresolved")
        if reason is not None:
            refuse(reason)
        if is_unresolved(cls):
            refuse(f"a value of `{cls.__name__}`, one of whose bases could not be evaluated")
        self.infos = {}
        self.computed = {}
        self.private = {}
        self.decorators = {}
        self._collect()
        self.slots = None
        self.schema = _schema

    def _collect(self):
        cls = self.cls
        for base in reversed(cls.__mro__):
            own = vars(base).get("__aludel_own__")
            if own is None:
                if base is object or base.__module__ in ("typing", "_typing", "abc"):
                    continue
                annotations = vars(base).get("__annotations__") or {}
                own = {"annotations": {}, "defaults": {}, "decorators": {}, "private": {}}
                for key, annotation in annotations.items():
                    if not key.startswith("_") and not _is_classvar(annotation):
                        own["annotations"][key] = annotation
                        if key in vars(base):
                            own["defaults"][key] = vars(base)[key]
            for key, annotation in own["annotations"].items():
                self.infos[key] = _made_field(base, annotation, own["defaults"].get(key, Undefined))
            self.private.update(own["private"])
            for key, decorated in own["decorators"].items():
                self.decorators[key] = decorated
                if decorated.kind == "computed":
                    self.computed[key] = decorated

    def ready(self):
        """The fields with their checks."""
        if self.slots is not None:
            return self.slots
        cls, config, schema = self.cls, self.config, self.schema
        generator = config.get("alias_generator")
        if is_unresolved(generator):
            refuse("an `alias_generator` that could not be evaluated")
        slots = []
        for name, info in self.infos.items():
            slot = _Slot(name, info)
            if generator is not None:
                _generate_alias(generator, name, info)
            slot.keys = _keys(name, info, config)
            context = schema.Context(config, info._owner if hasattr(info, "_owner") else cls)
            context.field = name
            slot.context = context
            slot.check = attempt(f"{cls.__name__}.{name}", self._built, name, info, context)
            slot.validate_default = bool(config.get("validate_default")) if info.validate_default is None else info.validate_default
            for decorated in self.decorators.values():
                if decorated.kind == "v1 field" and decorated.options["always"] and name in decorated.fields:
                    slot.validate_default = True
            slots.append(slot)
        self.slots = slots
        return slots

    def _built(self, name, info, context):
        schema = self.schema
        check = schema.build(info.annotation, context)
        check = schema.with_metadata(check, info.annotation, info.metadata, context)
        if info.discriminator is not None:
            refuse("a discriminator")
        if self.config.get("strict"):
            refuse("a strict model")
        if self.config.get("use_enum_values"):
            check = _enum_values(check)
        for key, decorated in self.decorators.items():
            if decorated.kind == "v1 field" and (name in decorated.fields or "*" in decorated.fields):
                check = self._with_v1(check, key, decorated, context)
        for key, decorated in self.decorators.items():
            if decorated.kind == "field" and any(is_unresolved(field) for field in decorated.fields):
                refuse("a validator of a field whose name could not be evaluated")
            if decorated.kind == "field" and (name in decorated.fields or "*" in decorated.fields):
                check = schema.with_function(check, decorated.mode, getattr(self.cls, key), context)
        return check

    def _with_v1(self, check, key, decorated, context):
        if decorated.options["each_item"]:
            refuse("`each_item` of a validator")
        function = getattr(self.cls, key)
        known = arity(raw_function(function))
        if known is None:
            refuse("a validator that is not a function of Python")
        names, defaults, keywords = known
        extra = names[2:] if names and names[0] in ("cls", "self") else names[1:]
        if any(name in ("field", "config") for name in extra):
            raise PydanticUserError(
                "The `field` and `config` parameters are not available in Pydantic V2, please use the `info` parameter instead.",
                code="validator-field-config-info",
            )

        def call(value):
            if "values" in extra or keywords:
                return self.schema.called(lambda given: function(given, values=context.data), value)
            return self.schema.called(function, value)

        if decorated.mode == "before":
            return lambda value, strict: check(call(value), strict)
        return lambda value, strict: call(check(value, strict))

    def around(self, mode):
        """The validators of the whole model, as they are run."""
        found = [
            (key, decorated)
            for key, decorated in self.decorators.items()
            if decorated.kind in ("model", "root") and decorated.mode == mode
        ]
        return reversed(found) if mode == "before" else found


def _enum_values(check):
    import enum

    def run(value, strict):
        made = check(value, strict)
        return made.value if isinstance(made, enum.Enum) else made

    return run


def _generate_alias(generator, name, info):
    made = generator
    if isinstance(generator, AliasGenerator):
        refuse("an `AliasGenerator`")
    if info.alias is None:
        info.alias = made(name)
    if info.validation_alias is None:
        info.validation_alias = info.alias
    if info.serialization_alias is None:
        info.serialization_alias = info.alias


def _made_field(owner, annotation, default):
    """A field from its annotation and what stands behind `=`."""
    from . import _schema

    if not is_unresolved(annotation) and isinstance(annotation, str):
        annotation = attempt(f"{owner.__name__}", _schema.resolved, annotation, owner)
    inner, extra = _schema.unannotated(annotation)
    if not is_unresolved(inner) and _typing.get_origin(inner) is _typing.Final and _typing.get_args(inner):
        inner = _typing.get_args(inner)[0]
    info = FieldInfo()
    metadata = []
    for item in extra:
        if not is_unresolved(item) and isinstance(item, FieldInfo):
            info = info.merged(item)
            metadata.extend(item.metadata)
        else:
            metadata.append(item)
    if not is_unresolved(default) and isinstance(default, FieldInfo):
        info = info.merged(default) if extra else FieldInfo(**default._given)
        own = default.metadata
    else:
        own = []
        if default is not Undefined and extra:
            info = info.merged(FieldInfo(default=default))
        elif default is not Undefined:
            info.default = Undefined if default is ... else default
            info._given["default"] = default
    if info.alias is not None and "validation_alias" not in info._given:
        info.validation_alias = info.alias
    named = {item.name for item in own}
    info.metadata = [item for item in metadata if is_unresolved(item) or not hasattr(item, "value") or item.name not in named] + list(own)
    info.annotation = inner
    info._owner = owner
    return info


def _keys(name, info, config):
    """The keys a field is looked for under, each a list of steps."""
    by_name = config.get("validate_by_name")
    if by_name is None:
        by_name = config.get("populate_by_name")
    by_alias = config.get("validate_by_alias") is not False
    if by_name is None:
        by_name = not by_alias
    alias = info.validation_alias if by_alias else None
    if alias is None:
        return [[name]]
    if isinstance(alias, str):
        found = [[alias]]
    elif isinstance(alias, AliasPath):
        found = [alias.path]
    elif isinstance(alias, AliasChoices):
        found = alias.convert_to_aliases()
    else:
        refuse("an alias that could not be evaluated")
    if by_name and [name] not in found:
        found = [*found, [name]]
    return found


def _look_up(slot, data):
    for steps in slot.keys:
        if len(steps) == 1:
            if steps[0] in data:
                return data[steps[0]], steps[0]
            continue
        found = AliasPath(*steps).search_dict_for_path(data)
        if found is not Undefined:
            return found, steps[0]
    return _MISSING, slot.keys[0][0]


def plan_of(cls):
    found = vars(cls).get("__aludel_plan__")
    if found is None:
        found = Plan(cls)
        type.__setattr__(cls, "__aludel_plan__", found)
    return found


def _of_field(plan, slot, value, values):
    """The value of a field, checked; unresolved where aludel cannot."""
    if is_unresolved(slot.check):
        return slot.check
    if is_unresolved(value):
        return value
    slot.context.data = values
    return attempt(f"{plan.cls.__name__}.{slot.name}", slot.check, value, 0)


def _values(plan, data):
    """The values of all fields, those that were given, and what else was given."""
    values, given, lines, used = {}, set(), [], set()
    for slot in plan.ready():
        value, key = _look_up(slot, data)
        for steps in slot.keys:
            used.add(steps[0])
        try:
            if value is not _MISSING:
                given.add(slot.name)
                values[slot.name] = _of_field(plan, slot, value, values)
                continue
            info = slot.info
            if info.is_required():
                lines.append(("missing", (key,), "Field required", data, None))
                continue
            value = info.default
            if info.default_factory is not None:
                value = attempt(f"{plan.cls.__name__}.{slot.name}", info.made_default, values)
            elif not is_unresolved(value):
                value = copied(value)
            values[slot.name] = _of_field(plan, slot, value, values) if slot.validate_default else value
        except Invalid as error:
            lines.extend(error.below(key).lines)
    extra = {key: value for key, value in data.items() if key not in used}
    mode = plan.config.get("extra") or "ignore"
    if mode == "forbid":
        for key, value in extra.items():
            lines.append(("extra_forbidden", (key,), "Extra inputs are not permitted", value, None))
    if lines:
        raise Invalid(lines)
    return values, given, extra if mode == "allow" else None


def _fill(self, plan, values, given, extra):
    keep = object.__setattr__
    for name, value in values.items():
        keep(self, name, value)
    if extra:
        for name, value in extra.items():
            keep(self, name, value)
    keep(self, "__pydantic_fields_set__", given)
    keep(self, "__pydantic_extra__", extra)
    for name, value in plan.private.items():
        if is_unresolved(value):
            made = value
        else:
            made = value.get_default() if isinstance(value, ModelPrivateAttr) else copied(value)
        if made is not Undefined:
            keep(self, name, made)


def validated(cls, data, self=None):
    """An instance from what was given; raises `Invalid`."""
    plan = plan_of(cls)
    called, takes_info = plan.schema.called, plan.schema.takes_info
    context = plan.schema.Context(plan.config)
    if any(True for _ in plan.around("wrap")):
        refuse("a model validator with mode 'wrap'")
    for key, decorated in plan.around("before"):
        function = getattr(cls, key)
        takes = decorated.kind == "model" and takes_info(function, 1)
        data = called(function, data, context.info()) if takes else called(function, data)
    if is_unresolved(data):
        refuse(f"a value of `{cls.__name__}` from what could not be evaluated")
    if isinstance(data, cls) and self is None:
        return data
    if not isinstance(data, dict):
        if plan.config.get("from_attributes"):
            refuse("a model from the attributes of an object")
        raise invalid("model_type", f"Input should be a valid dictionary or instance of {cls.__name__}", data)
    values, given, extra = _values(plan, data)
    for key, decorated in plan.around("after"):
        if decorated.kind == "root":
            values = called(getattr(cls, key), values)
    if self is None:
        self = object.__new__(cls)
    _fill(self, plan, values, given, extra)
    if type(self).model_post_init is not BaseModel.model_post_init:
        called(self.model_post_init, None)
    for key, decorated in plan.around("after"):
        if decorated.kind == "model":
            if isinstance(decorated.wrapped, (classmethod, staticmethod)):
                refuse("a model validator with mode 'after' that is a class method")
            function = raw_function(getattr(cls, key))
            known = arity(function)
            takes = known is not None and len(known[0]) - known[1] > 1
            given = (self, context.info()) if takes else (self,)
            self = called(lambda _data: function(*given), data)
    return self


class BaseModel(metaclass=ModelMetaclass):
    def __init__(self, /, **data):
        _build(type(self), self, data)

    @classmethod
    def __aludel_validate__(cls, value, strict, context):
        own = getattr(cls.__init__, "__aludel_base__", None)
        if is_unresolved(value) or isinstance(value, cls) or own is not None:
            return validated(cls, value)
        if not isinstance(value, dict):
            return validated(cls, value)
        try:
            return cls(**value)
        except ValidationError as error:
            raise Invalid(error._lines) from None

    def __setattr__(self, name, value):
        cls = type(self)
        known = getattr(cls, name, None)
        if name.startswith("_") or (not is_unresolved(known) and isinstance(known, (property, _functools.cached_property))):
            object.__setattr__(self, name, value)
            return
        plan = plan_of(cls)
        own = plan.infos.get(name)
        if plan.config.get("frozen") or (own is not None and own.frozen):
            kind = "frozen_instance" if plan.config.get("frozen") else "frozen_field"
            message = "Instance is frozen" if plan.config.get("frozen") else "Field is frozen"
            raise ValidationError(cls.__name__, [(kind, (name,), message, value, None)])
        if own is None and plan.config.get("extra") != "allow":
            raise ValueError(f'"{cls.__name__}" object has no field "{name}"')
        if own is not None and plan.config.get("validate_assignment"):
            if any(True for mode in ("before", "after", "wrap") for _ in plan.around(mode)):
                refuse("an assignment that is validated by the whole model")
            slot = next(slot for slot in plan.ready() if slot.name == name)
            others = {key: item for key, item in self.__dict__.items() if key in plan.infos and key != name}
            try:
                value = _of_field(plan, slot, value, others)
            except Invalid as error:
                raise ValidationError(cls.__name__, error.below(name).lines) from None
        object.__setattr__(self, name, value)
        self.__pydantic_fields_set__.add(name)

    def model_post_init(self, context, /):
        pass

    @property
    def model_fields(self):
        return type(self).model_fields

    @property
    def model_fields_set(self):
        return self.__pydantic_fields_set__

    @property
    def model_extra(self):
        return self.__pydantic_extra__

    def _aludel_items(self):
        for name in plan_of(type(self)).infos:
            if name in self.__dict__:
                yield name, self.__dict__[name]
        for name, value in (self.__pydantic_extra__ or {}).items():
            yield name, self.__dict__.get(name, value)

    def __iter__(self):
        yield from self._aludel_items()

    def __eq__(self, other):
        if not isinstance(other, BaseModel):
            return NotImplemented
        return type(self) is type(other) and dict(self._aludel_items()) == dict(other._aludel_items())

    def _aludel_shown(self):
        infos = plan_of(type(self)).infos
        shown = [(name, value) for name, value in self._aludel_items() if name not in infos or infos[name].repr]
        shown.extend((name, getattr(self, name)) for name in plan_of(type(self)).computed)
        return [f"{name}={value!r}" for name, value in shown]

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(self._aludel_shown())})"

    def __str__(self):
        return " ".join(self._aludel_shown())

    def __hash__(self):
        if not plan_of(type(self)).config.get("frozen"):
            raise TypeError(f"unhashable type: '{type(self).__name__}'")
        return hash(tuple(value for _, value in self._aludel_items()))

    def model_dump(
        self, *, mode="python", include=None, exclude=None, by_alias=None, exclude_unset=False, exclude_defaults=False,
        exclude_none=False, **others,
    ):
        plan = plan_of(type(self))
        if mode != "python" or others or any("serializer" in decorated.kind for decorated in plan.decorators.values()):
            refuse("`model_dump` with more than names of fields")
        if isinstance(include, dict) or isinstance(exclude, dict):
            refuse("`model_dump` of parts of fields")
        found = {}
        pairs = list(self._aludel_items()) + [(name, getattr(self, name)) for name in plan.computed]
        for name, value in pairs:
            info = plan.infos.get(name)
            if (include is not None and name not in include) or (exclude is not None and name in exclude):
                continue
            if info is not None and info.exclude:
                continue
            if exclude_unset and info is not None and name not in self.__pydantic_fields_set__:
                continue
            if exclude_none and value is None:
                continue
            if exclude_defaults and info is not None and not info.is_required() and value == info.get_default(call_default_factory=True):
                continue
            options = {"by_alias": by_alias, "exclude_unset": exclude_unset, "exclude_defaults": exclude_defaults, "exclude_none": exclude_none}
            key = info.serialization_alias if by_alias and info is not None and info.serialization_alias else name
            found[key] = _dumped(value, options)
        return found

    def dict(self, **keywords):
        return self.model_dump(**keywords)

    def model_copy(self, *, update=None, deep=False):
        if deep:
            refuse("a deep copy of a model")
        made = object.__new__(type(self))
        for name, value in self.__dict__.items():
            object.__setattr__(made, name, value)
        for name, value in (update or {}).items():
            object.__setattr__(made, name, value)
        object.__setattr__(made, "__pydantic_fields_set__", self.__pydantic_fields_set__ | set(update or {}))
        return made

    def copy(self, *, update=None, deep=False, **others):
        if others:
            refuse("`copy` of a model with a choice of fields")
        return self.model_copy(update=update, deep=deep)

    @classmethod
    def model_validate(cls, obj, **options):
        if any(value is not None for value in options.values()):
            refuse("`model_validate` with options")
        try:
            return cls.__aludel_validate__(obj, 0, None)
        except Invalid as error:
            raise ValidationError(cls.__name__, error.lines) from None

    @classmethod
    def parse_obj(cls, obj):
        return cls.model_validate(obj)

    @classmethod
    def model_construct(cls, _fields_set=None, **values):
        plan = plan_of(cls)
        made = object.__new__(cls)
        found = {}
        for slot in plan.ready():
            value, _key = _look_up(slot, values)
            if value is _MISSING and slot.name in values:
                value = values[slot.name]
            if value is not _MISSING:
                found[slot.name] = value
            elif not slot.info.is_required():
                found[slot.name] = slot.info.get_default(call_default_factory=True, validated_data=found)
        _fill(made, plan, found, set(values) if _fields_set is None else _fields_set, None)
        return made

    @classmethod
    def model_rebuild(cls, **options):
        type.__setattr__(cls, "__aludel_plan__", None)

    @classmethod
    def update_forward_refs(cls, **names):
        cls.model_rebuild()

    def __class_getitem__(cls, parameters):
        return Parametrized(cls, parameters)


def _dumped(value, options):
    if is_unresolved(value):
        return value
    if isinstance(value, BaseModel):
        return value.model_dump(**options)
    if isinstance(value, dict):
        return {key: _dumped(item, options) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)) and type(value) in (list, tuple, set, frozenset):
        return type(value)(_dumped(item, options) for item in value)
    return value


def _build(cls, self, data):
    try:
        found = validated(cls, data, self)
    except Invalid as error:
        raise ValidationError(cls.model_config.get("title") or cls.__name__, error.lines) from None
    if found is not self:
        refuse("a model validator that gives another object than the model")


type.__setattr__(BaseModel, "__aludel_init__", BaseModel.__init__)
BaseModel.__init__.__aludel_base__ = True


def _refused(name):
    def method(cls, *arguments, **keywords):
        refuse(f"`{name}` of a model")

    return classmethod(method)


for _name in (
    "model_validate_json", "model_validate_strings", "model_json_schema", "model_dump_json", "json", "schema",
    "schema_json", "parse_raw", "parse_file", "from_orm", "construct", "validate", "model_parametrized_name",
):
    type.__setattr__(BaseModel, _name, _refused(_name))


class Parametrized:
    """`Model[int]`: a base of classes, and a type that is not checked."""

    def __init__(self, origin, parameters):
        self.__origin__ = origin
        self.__args__ = parameters if isinstance(parameters, tuple) else (parameters,)

    def __mro_entries__(self, bases):
        return (self.__origin__,)

    def __getitem__(self, parameters):
        return self

    def __call__(self, *arguments, **keywords):
        refuse(f"a value of a parametrized `{self.__origin__.__name__}`")

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.__origin__, name)

    def __or__(self, other):
        return _typing.Union[self, other]

    def __ror__(self, other):
        return _typing.Union[other, self]


class RootModel(BaseModel):
    root: _typing.Any

    def __init__(self, /, root=Undefined, **data):
        refuse("a value of a `RootModel`")


def create_model(model_name, /, *, __config__=None, __base__=None, __module__=None, __validators__=None, __doc__=None, __cls_kwargs__=None, **fields):
    annotations, namespace = {}, {}
    for name, definition in fields.items():
        if not is_unresolved(definition) and isinstance(definition, tuple) and len(definition) == 2:
            annotations[name], namespace[name] = definition
        else:
            annotations[name] = definition
    namespace.update(__validators__ or {})
    namespace["__annotations__"] = annotations
    namespace["__module__"] = __module__ or __name__
    namespace["__qualname__"] = model_name
    if __config__:
        namespace["model_config"] = __config__
    bases = (BaseModel,) if __base__ is None else __base__ if isinstance(__base__, tuple) else (__base__,)
    return type(bases[0])(model_name, bases, namespace, **(__cls_kwargs__ or {}))
