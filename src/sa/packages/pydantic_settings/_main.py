"""Settings classes."""
from _aludel import is_unresolved, refuse
from pydantic._model import CONFIG_KEYS, BaseModel, plan_of
from pydantic._support import AliasChoices, AliasPath

from ._sources import (
    DotEnvSettingsSource,
    EnvSettingsSource,
    InitSettingsSource,
    SecretsSettingsSource,
    alias_names,
    by_alias,
    by_name,
    deep_update,
)

SettingsConfigDict = dict
_DEFAULTS = {
    "extra": "forbid",
    "arbitrary_types_allowed": True,
    "validate_default": True,
    "case_sensitive": False,
    "env_prefix": "",
    "env_prefix_target": "variable",
    "nested_model_default_partial_update": False,
    "env_file": None,
    "env_file_encoding": None,
    "env_file_depth": 0,
    "env_ignore_empty": False,
    "env_nested_delimiter": None,
    "env_nested_max_split": None,
    "env_parse_none_str": None,
    "env_parse_enums": None,
    "cli_parse_args": None,
    "secrets_dir": None,
    "enable_decoding": True,
}
_UNSET = object()
# Arguments of `BaseSettings()` that say something else than the configuration.
_TOLD = (
    "case_sensitive", "env_prefix", "env_prefix_target", "env_file", "env_file_encoding", "env_file_depth",
    "env_ignore_empty", "env_nested_delimiter", "env_nested_max_split", "env_parse_none_str", "env_parse_enums",
    "nested_model_default_partial_update", "secrets_dir",
)


class BaseSettings(BaseModel):
    model_config = _DEFAULTS
    __aludel_config_keys__ = CONFIG_KEYS | set(_DEFAULTS) | {
        "dotenv_filtering", "json_file", "yaml_file", "toml_file", "pyproject_toml_depth", "pyproject_toml_table_header",
        "cli_prog_name", "json_file_encoding", "yaml_file_encoding",
    }

    def __init__(self, /, **values):
        cls = type(self)
        told = {name: values.pop(f"_{name}") for name in _TOLD if f"_{name}" in values}
        for name in [name for name in values if name.startswith(("_cli_", "_build_"))]:
            if values.pop(name) is not None:
                refuse(f"`{name}` of a settings class")
        plan_of(cls)
        super().__init__(**_state(cls, told, values))

    @classmethod
    def settings_customise_sources(cls, settings_cls, init_settings, env_settings, dotenv_settings, file_secret_settings):
        return init_settings, env_settings, dotenv_settings, file_secret_settings

    @classmethod
    def settings_cached(cls):
        found = vars(cls).get("__aludel_cached__")
        if found is None:
            found = cls()
            type.__setattr__(cls, "__aludel_cached__", found)
        return found

    @classmethod
    def settings_clear_cache(cls):
        type.__setattr__(cls, "__aludel_cached__", None)


def _state(cls, told, values):
    """What all sources give, the first of them foremost."""
    config = dict(cls.model_config)
    for name, value in told.items():
        if value is not None or name == "env_file":
            config[name] = value
    for name, value in config.items():
        if is_unresolved(value) and (name in _DEFAULTS or name in ("dotenv_filtering",)):
            refuse(f"`{name}` of a settings class, which could not be evaluated")
    if config.get("cli_parse_args"):
        refuse("`cli_parse_args` of a settings class")
    if config.get("nested_model_default_partial_update"):
        refuse("`nested_model_default_partial_update` of a settings class")
    sources = cls.settings_customise_sources(
        cls,
        init_settings=InitSettingsSource(cls, values, _config=config),
        env_settings=EnvSettingsSource(cls, _config=config),
        dotenv_settings=DotEnvSettingsSource(cls, _config=config),
        file_secret_settings=SecretsSettingsSource(cls, _config=config),
    )
    state = {}
    for source in sources:
        if is_unresolved(source):
            refuse("a source of settings that could not be evaluated")
        state = deep_update(source(), state)
    return _renamed(cls, values, state) if values and state else state


def _renamed(cls, values, state):
    """Keys as they were written in the call."""
    for name, info in plan_of(cls).infos.items():
        aliases = alias_names(name, info, by_alias(cls.model_config))
        matching = set(aliases)
        if by_name(cls.model_config):
            matching.add(name)
        written, known = [key for key in values if key in matching], [key for key in state if key in matching]
        if written and known:
            source = next((alias for alias in aliases if alias in known), known[0])
            value = state.pop(source)
            for key in known:
                state.pop(key, None)
            state[written[0]] = value
    return state
