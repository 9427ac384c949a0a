"""`pydantic_settings` 2: values from keyword arguments, the environment and dotenv files."""
from ._main import BaseSettings, SettingsConfigDict
from ._sources import (
    DotEnvSettingsSource,
    EnvSettingsSource,
    ForceDecode,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsError,
)

__version__ = VERSION = "2.16.3"
