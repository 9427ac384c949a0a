"""sqlmodel/main.py: model classes, whose fields become columns. Values are not checked: that is pydantic's part."""
import datetime as _datetime
import decimal as _decimal
import enum as _enum
import pathlib as _pathlib
import typing as _typing
import uuid as _uuid

import sqlalchemy as _sa
from _aludel import refuse, unresolved
from sqlalchemy.orm import DeclarativeMeta, Mapped, declared_attr, registry, relationship
from sqlalchemy.orm._mapping import declare, evaluated
from sqlalchemy.orm._support import is_unresolved

from .sql.sqltypes import AutoString, UTCDateTime


class _Undefined:
    def __repr__(self):
        return "PydanticUndefined"

    def __bool__(self):
        return False

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self


Undefined = _Undefined()

_OF_COLUMN = ("primary_key", "nullable", "foreign_key", "ondelete", "unique", "index", "sa_type")
_KNOWN = (
    *_OF_COLUMN,
    "sa_column",
    "sa_column_args",
    "sa_column_kwargs",
    "alias",
    "title",
    "description",
    "exclude",
    "include",
    "const",
    "gt",
    "ge",
    "lt",
    "le",
    "multiple_of",
    "max_digits",
    "decimal_places",
    "min_items",
    "max_items",
    "unique_items",
    "min_length",
    "max_length",
    "allow_mutation",
    "regex",
    "discriminator",
    "repr",
    "validation_alias",
    "serialization_alias",
    "schema_extra",
)


class FieldInfo:
    """A field: what decides about its column, and its default."""

    def __init__(self, default=Undefined, *, default_factory=None, **given):
        self.default = Undefined if default is ... else default
        self.default_factory = default_factory
        self.annotation = None
        self.alias = given.get("alias")
        self.max_length = given.get("max_length")
        if self.max_length is None:
            self.max_length = given.get("max_items")
        self.max_digits = given.get("max_digits")
        self.decimal_places = given.get("decimal_places")
        for name in (*_OF_COLUMN, "sa_column", "sa_column_args", "sa_column_kwargs"):
            setattr(self, name, given.get(name, Undefined))
        self._check()

    def _check(self):
        if self.sa_column is not Undefined:
            for name in ("sa_column_args", "sa_column_kwargs", *_OF_COLUMN):
                if getattr(self, name) is not Undefined:
                    pair = "also passing a sa_column"
                    raise RuntimeError(f"Passing {name} is not supported when {pair}")
        if self.sa_column_kwargs is not Undefined and "type_" in self.sa_column_kwargs:
            raise RuntimeError("Passing type_ is not supported in sa_column_kwargs, use sa_type instead")
        if self.ondelete is not Undefined and self.foreign_key is Undefined:
            raise RuntimeError("ondelete can only be used with foreign_key")

    def is_required(self):
        return self.default is Undefined and self.default_factory is None

    def get_default(self, *, call_default_factory=False, **keywords):
        if self.default_factory is not None:
            return self.default_factory() if call_default_factory else None
        return None if self.default is Undefined else self.default

    def _copy(self):
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__)
        return made


def Field(default=Undefined, *, default_factory=None, **keywords):
    for name in keywords:
        if name not in _KNOWN:
            raise TypeError(f"Field() got an unexpected keyword argument {name!r}")
    extra = dict(keywords.pop("schema_extra", None) or {})
    return FieldInfo(default, default_factory=default_factory, **{**keywords, **extra})


class RelationshipInfo:
    def __init__(
        self,
        *,
        back_populates=None,
        cascade_delete=False,
        passive_deletes=False,
        link_model=None,
        sa_relationship=None,
        sa_relationship_args=None,
        sa_relationship_kwargs=None,
    ):
        if sa_relationship is not None:
            for name, value in (
                ("sa_relationship_args", sa_relationship_args),
                ("sa_relationship_kwargs", sa_relationship_kwargs),
            ):
                if value is not None:
                    raise RuntimeError(f"Passing {name} is not supported when also passing a sa_relationship")
        self.back_populates = back_populates
        self.cascade_delete = cascade_delete
        self.passive_deletes = passive_deletes
        self.link_model = link_model
        self.sa_relationship = sa_relationship
        self.sa_relationship_args = sa_relationship_args
        self.sa_relationship_kwargs = sa_relationship_kwargs

    def made(self, target):
        keywords = {}
        if self.back_populates:
            keywords["back_populates"] = self.back_populates
        if self.cascade_delete:
            keywords["cascade"] = "all, delete-orphan"
        if self.passive_deletes:
            keywords["passive_deletes"] = self.passive_deletes
        if self.link_model:
            keywords["secondary"] = self.link_model.__table__
        keywords.update(self.sa_relationship_kwargs or {})
        return relationship(target, *(self.sa_relationship_args or ()), **keywords)


def Relationship(**keywords):
    return RelationshipInfo(**keywords)


_NONE = type(None)


def _is_union(annotation):
    if annotation is None or isinstance(annotation, (str, type)) or is_unresolved(annotation):
        return False
    origin = _typing.get_origin(annotation)
    return origin is _typing.Union or getattr(origin, "__name__", "") == "UnionType"


def _parts(annotation):
    """What `Annotated[…]` is about, and what it adds."""
    if isinstance(annotation, (str, type)) or is_unresolved(annotation) or _typing.get_origin(annotation) is not _typing.Annotated:
        return annotation, ()
    return annotation.__origin__, tuple(annotation.__metadata__)


def _python_type(annotation):
    if annotation is None:
        raise ValueError("Missing field type")
    annotation, _ = _parts(annotation)
    if _is_union(annotation):
        arguments = _typing.get_args(annotation)
        if len(arguments) > 2 or _NONE not in arguments:
            raise ValueError("Cannot have a (non-optional) union as a SQLAlchemy field")
        return _python_type(arguments[1] if arguments[0] is _NONE else arguments[0])
    if isinstance(annotation, type) or is_unresolved(annotation):
        return annotation
    origin = _typing.get_origin(annotation)
    return annotation if origin is None else origin


_TEXTS = (str, _pathlib.Path)


def get_sqlalchemy_type(field):
    if field.sa_type is not Undefined:
        return field.sa_type
    kind = _python_type(field.annotation)
    if is_unresolved(kind):
        return kind
    if kind.__module__.startswith("pydantic"):
        return unresolved(f"pydantic.{kind.__name__}", "aludel does not model this type of `pydantic` for a column")
    if issubclass(kind, _enum.Enum):
        return _sa.Enum(kind)
    if issubclass(kind, _TEXTS):
        return AutoString(length=field.max_length) if field.max_length else AutoString
    for known, made in (
        (float, _sa.Float),
        (bool, _sa.Boolean),
        (int, _sa.Integer),
        (_datetime.datetime, UTCDateTime),
        (_datetime.date, _sa.Date),
        (_datetime.timedelta, _sa.Interval),
        (_datetime.time, _sa.Time),
        (bytes, _sa.LargeBinary),
    ):
        if issubclass(kind, known):
            return made() if made is UTCDateTime else made
    if issubclass(kind, _decimal.Decimal):
        return _sa.Numeric(precision=field.max_digits, scale=field.decimal_places)
    if issubclass(kind, _uuid.UUID):
        return _sa.Uuid
    raise ValueError(f"{kind} has no matching SQLAlchemy type")


def _is_noneable(field):
    if _is_union(field.annotation) and _NONE in _typing.get_args(field.annotation):
        return True
    if field.is_required() or field.default is Undefined:
        return False
    return field.annotation is None or field.annotation is _NONE


def get_column_from_field(field):
    if isinstance(field.sa_column, _sa.Column) or is_unresolved(field.sa_column):
        return field.sa_column
    kind = get_sqlalchemy_type(field)
    primary_key = False if field.primary_key is Undefined else field.primary_key
    nullable = field.nullable
    if nullable is Undefined:
        nullable = not primary_key and _is_noneable(field)
    arguments = []
    if field.foreign_key is not Undefined and field.foreign_key:
        ondelete = None if field.ondelete is Undefined else field.ondelete
        if ondelete == "SET NULL" and not nullable:
            raise RuntimeError('ondelete="SET NULL" requires nullable=True')
        assert isinstance(field.foreign_key, str)
        arguments.append(_sa.ForeignKey(field.foreign_key, ondelete=ondelete))
    keywords = {
        "primary_key": primary_key,
        "nullable": nullable,
        "index": False if field.index is Undefined else field.index,
        "unique": False if field.unique is Undefined else field.unique,
    }
    if field.default_factory:
        keywords["default"] = field.default_factory
    elif field.default is not Undefined:
        keywords["default"] = field.default
    if field.sa_column_args is not Undefined:
        arguments.extend(field.sa_column_args)
    if field.sa_column_kwargs is not Undefined:
        keywords.update(field.sa_column_kwargs)
    return _sa.Column(*arguments, type_=kind, **keywords)


def is_table_model_class(cls):
    config = getattr(cls, "model_config", None)
    return bool(isinstance(config, dict) and config.get("table", False))


def _is_field(name, annotation):
    if name.startswith("_") or name in ("model_config", "metadata", "registry"):
        return False
    if isinstance(annotation, str):
        return not annotation.replace("typing.", "").startswith("ClassVar")
    return annotation is not _typing.ClassVar and _typing.get_origin(annotation) is not _typing.ClassVar


def _made_field(cls, annotation, value):
    """A field from its annotation and what stands behind `=`."""
    if isinstance(annotation, str):
        annotation = evaluated(cls, annotation)
    inner, extra = _parts(annotation)
    base = next((item for item in extra if isinstance(item, FieldInfo)), None)
    if isinstance(value, FieldInfo):
        field = value._copy()
        if base is not None:
            for name, known in base.__dict__.items():
                if getattr(field, name) in (Undefined, None):
                    setattr(field, name, known)
    elif base is not None:
        field = base._copy()
        if value is not Undefined:
            field.default = Undefined if value is ... else value
    else:
        field = FieldInfo(value)
    field.annotation = inner
    if any(not is_unresolved(item) and type(item).__module__.startswith("pydantic") for item in extra):
        field.annotation = unresolved("pydantic", "aludel does not model what `pydantic` adds to the type of a column")
    return field


def _target(annotation):
    """The class that a relationship's annotation names."""
    if isinstance(annotation, (str, type)) or is_unresolved(annotation):
        return annotation
    forward = getattr(annotation, "__forward_arg__", None)
    if forward is not None:
        return forward
    arguments = _typing.get_args(annotation)
    if _is_union(annotation):
        rest = [item for item in arguments if item is not _NONE]
        if len(arguments) > 2 or len(rest) != 1:
            raise ValueError("Cannot have a (non-optional) union as a SQLAlchemy field")
        return _target(rest[0])
    return _target(arguments[0]) if arguments else annotation


class SQLModelMetaclass(DeclarativeMeta):
    def __new__(meta, name, bases, namespace, **keywords):
        annotations = dict(namespace.get("__annotations__") or {})
        relationships = {key: value for key, value in namespace.items() if isinstance(value, RelationshipInfo)}
        kept = {}
        for key, value in namespace.items():
            is_own = key in annotations and _is_field(key, annotations[key])
            # What decorators of pydantic make is no part of a table.
            is_decorated = is_unresolved(value) or type(value).__module__.startswith("pydantic")
            is_pydantic = is_decorated and key not in annotations and not key.startswith("__")
            if key not in relationships and not is_own and not is_pydantic:
                kept[key] = value
        config = {}
        for base in reversed(bases):
            known = getattr(base, "model_config", None)
            config.update(known if isinstance(known, dict) else {})
        own = namespace.get("model_config")
        config.update(own if isinstance(own, dict) else {})
        if "table" in keywords and "table" not in config:
            config["table"] = keywords["table"]
        kept["model_config"] = config
        kept["__sqlmodel_relationships__"] = relationships
        cls = type.__new__(meta, name, bases, kept)
        fields = {}
        for base in reversed(bases):
            fields.update(getattr(base, "model_fields", None) or {})
        for key, annotation in annotations.items():
            if key not in relationships and _is_field(key, annotation):
                fields[key] = _made_field(cls, annotation, namespace.get(key, Undefined))
        type.__setattr__(cls, "model_fields", fields)
        if config.get("table") is True:
            for key, field in fields.items():
                type.__setattr__(cls, key, get_column_from_field(field))
        family = keywords.get("registry")
        if isinstance(family, registry):
            type.__setattr__(cls, "_sa_registry", family)
            type.__setattr__(cls, "metadata", family.metadata)
            type.__setattr__(cls, "__abstract__", True)
        return cls

    def __init__(cls, name, bases, namespace, **keywords):
        type.__init__(cls, name, bases, namespace)
        if not is_table_model_class(cls) or any(is_table_model_class(base) for base in bases):
            return
        annotations = cls.__dict__.get("__annotations__") or {}
        for key, info in cls.__sqlmodel_relationships__.items():
            if info.sa_relationship:
                type.__setattr__(cls, key, info.sa_relationship)
                continue
            annotation = annotations[key]
            inner = getattr(annotation, "item", annotation)
            annotations[key] = annotation if inner is not annotation else Mapped[inner]
            type.__setattr__(cls, key, info.made(_target(inner)))
        declare(cls, cls._sa_registry)


default_registry = registry()


class SQLModel(metaclass=SQLModelMetaclass, registry=default_registry):
    __allow_unmapped__ = True

    def __init__(self, **data):
        cls = type(self)
        if not is_table_model_class(cls):
            refuse(f"an instance of `{cls.__name__}`, which pydantic would check")
        for name, field in cls.model_fields.items():
            if field.alias and field.alias in data:
                setattr(self, name, data.pop(field.alias))
            elif name in data:
                setattr(self, name, data.pop(name))
            elif not field.is_required():
                setattr(self, name, field.get_default(call_default_factory=True))
        for name in cls.__sqlmodel_relationships__:
            if name in data:
                setattr(self, name, data[name])

    @declared_attr
    def __tablename__(cls):
        return cls.__name__.lower()

    def __getattr__(self, name):
        if name.startswith("model_") or name in ("dict", "json", "copy", "sqlmodel_update"):
            refuse(f"`{name}` of a model, which is pydantic's")
        raise AttributeError(f"'{type(self).__name__}' object has no attribute {name!r}")


def model_validate(cls, *arguments, **keywords):
    refuse("`model_validate` of a model, which is pydantic's")


for _name in ("model_validate", "from_orm", "parse_obj", "model_construct"):
    type.__setattr__(SQLModel, _name, classmethod(model_validate))
