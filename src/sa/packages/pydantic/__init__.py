"""`pydantic` 2: models and their fields. What is seldom asked for is in modules of their own."""
from _aludel import unresolved

from ._model import BaseModel, RootModel, create_model
from ._support import (
    AfterValidator,
    AliasChoices,
    AliasGenerator,
    AliasPath,
    AllowInfNan,
    BeforeValidator,
    Discriminator,
    Field,
    FieldInfo as _FieldInfo,
    InstanceOf,
    PlainSerializer,
    PlainValidator,
    PrivateAttr,
    PydanticImportError,
    PydanticSchemaGenerationError,
    PydanticUndefinedAnnotation,
    PydanticUserError,
    SerializeAsAny,
    SkipValidation,
    Strict,
    StringConstraints,
    Tag,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    WrapSerializer,
    WrapValidator,
    computed_field,
    field_serializer,
    field_validator,
    model_serializer,
    model_validator,
    root_validator,
    validator,
)

VERSION = __version__ = "2.14.3"
ConfigDict = dict
FieldValidationInfo = ValidationInfo
_LAZY = {
    "types": (
        "SecretStr", "SecretBytes", "Secret", "PositiveInt", "NegativeInt", "NonNegativeInt", "NonPositiveInt", "PositiveFloat",
        "NegativeFloat", "NonNegativeFloat", "NonPositiveFloat", "FiniteFloat", "StrictStr", "StrictInt", "StrictBool",
        "StrictFloat", "StrictBytes", "conint", "confloat", "constr", "conlist", "conset", "confrozenset", "condecimal",
        "conbytes", "FilePath", "DirectoryPath", "NewPath", "UUID1", "UUID3", "UUID4", "UUID5", "Json", "JsonValue", "FailFast",
    ),
    "networks": (
        "AnyUrl", "AnyHttpUrl", "HttpUrl", "FileUrl", "FtpUrl", "WebsocketUrl", "AnyWebsocketUrl", "PostgresDsn",
        "CockroachDsn", "AmqpDsn", "RedisDsn", "MongoDsn", "KafkaDsn", "NatsDsn", "MySQLDsn", "MariaDBDsn", "ClickHouseDsn",
        "SnowflakeDsn", "UrlConstraints", "EmailStr",
    ),
}
__all__ = [name for name in globals() if not name.startswith("_") and name not in ("unresolved", "VERSION")]
__all__ += [name for names in _LAZY.values() for name in names]


def __getattr__(name):
    if name == "BaseSettings":
        raise PydanticImportError(
            "`BaseSettings` has been moved to the `pydantic-settings` package. "
            "See https://pydantic.dev/docs/validation/2.14/migration/#basesettings-has-moved-to-pydantic-settings for more details."
        )
    import importlib

    for module, names in _LAZY.items():
        if name in names:
            return getattr(importlib.import_module(f"pydantic.{module}"), name)
    if name.startswith("__"):
        raise AttributeError(f"module 'pydantic' has no attribute {name!r}")
    return unresolved(f"pydantic.{name}", "aludel does not model this part of `pydantic`")
