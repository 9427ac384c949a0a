"""Where the values of settings come from."""
import collections as _collections
import collections.abc as _abc
import enum as _enum
import json as _json
import os as _os
import pathlib as _pathlib
import typing as _typing

from _aludel import is_unresolved, refuse
from dotenv import dotenv_values
from pydantic._model import BaseModel, RootModel, plan_of
from pydantic._schema import is_union, resolved, unannotated
from pydantic._support import AliasChoices, AliasPath, FieldInfo, Strict


class SettingsError(ValueError):
    __module__ = "pydantic_settings.exceptions"


class NoDecode:
    pass


class ForceDecode:
    pass


class _NoneText(str):
    """The text that stands for None (`env_parse_none_str`)."""


def deep_update(mapping, *updates):
    found = dict(mapping)
    for update in updates:
        for key, value in update.items():
            known = found.get(key)
            if not is_unresolved(known) and not is_unresolved(value) and isinstance(known, dict) and isinstance(value, dict):
                found[key] = deep_update(found[key], value)
            else:
                found[key] = value
    return found


def by_alias(config):
    return config.get("validate_by_alias") is not False


def by_name(config):
    for name in ("validate_by_name", "populate_by_name"):
        if config.get(name) is not None:
            return config[name]
    return config.get("validate_by_alias") is False


def alias_names(name, info, is_by_alias=True):
    """The names under which a field may be given, the preferred one first."""
    alias = info.validation_alias if info.validation_alias is not None else info.alias
    if not is_by_alias or alias is None:
        return (name,)
    if isinstance(alias, str):
        return (alias,)
    if isinstance(alias, AliasPath):
        return (alias.path[0],)
    if isinstance(alias, AliasChoices):
        found = [choice for choice in alias.choices if isinstance(choice, str)]
        return tuple(dict.fromkeys(found)) or (alias.choices[0].path[0],)
    refuse("an alias that could not be evaluated")


_NESTED = (BaseModel, _abc.Mapping, _abc.Sequence, _abc.Set, tuple, set, frozenset, list, dict, _collections.deque)


_SCALARS = (str, int, float, bool)
_KNOWN = {str: False, int: False, float: False, bool: False, bytes: False, type(None): False, list: True, dict: True, set: True, tuple: True}


def _is_nested_class(found):
    if is_unresolved(found) or found is None or not isinstance(found, type):
        return False
    known = _KNOWN.get(found)
    if known is None:
        is_text = issubclass(found, (str, bytes))
        known = not is_text and (issubclass(found, _NESTED) or hasattr(found, "__dataclass_fields__"))
        _KNOWN[found] = known
    return known


def _value_of(annotation):
    """What an alias made by `type X = …` stands for."""
    if is_unresolved(annotation) or annotation is None or isinstance(annotation, (type, str)):
        return annotation
    value = getattr(annotation, "__value__", None)
    return annotation if value is None else value


def _is_json(item):
    return getattr(item, "__aludel_json__", False)


def is_complex(annotation, metadata):
    annotation = _value_of(annotation)
    # such a setting is unresolved whatever is read
    if is_unresolved(annotation) or isinstance(annotation, str):
        return False
    if any(_is_json(item) for item in metadata) or _is_json(annotation):
        return False
    if isinstance(annotation, type) and issubclass(annotation, RootModel) and annotation is not RootModel:
        annotation = annotation.model_fields["root"].annotation
    inner, extra = unannotated(annotation)
    if extra:
        return is_complex(inner, extra)
    origin = None if annotation is None else _typing.get_origin(annotation)
    return _is_nested_class(annotation) or _is_nested_class(origin)


def union_is_complex(annotation, metadata):
    for member in _typing.get_args(annotation):
        if is_complex(member, metadata):
            return True
        inner = unannotated(_value_of(member))[0]
        if is_union(inner) and union_is_complex(inner, metadata):
            return True
    return False


def _enum_of(annotation, name):
    if is_unresolved(annotation):
        return None
    for kind in (annotation, None if isinstance(annotation, (type, type(None))) else _typing.get_origin(annotation)):
        if isinstance(kind, type) and issubclass(kind, _enum.Enum) and name in kind.__members__:
            return kind[name]
    for part in () if isinstance(annotation, (type, type(None))) else _typing.get_args(annotation):
        found = _enum_of(part, name)
        if found is not None:
            return found
    return None


class PydanticBaseSettingsSource:
    def __init__(self, settings_cls, *, _config=None):
        self.settings_cls = settings_cls
        self.config = settings_cls.model_config if _config is None else _config
        self.current_state = {}
        self.settings_sources_data = {}

    def field_is_complex(self, field):
        return is_complex(field.annotation, field.metadata)

    def prepare_field_value(self, field_name, field, value, value_is_complex):
        if value is not None and (self.field_is_complex(field) or value_is_complex):
            return self.decode_complex_value(field_name, field, value)
        return value

    def decode_complex_value(self, field_name, field, value):
        metadata = field.metadata if isinstance(field, FieldInfo) else []
        raw = any(item is NoDecode or isinstance(item, NoDecode) for item in metadata)
        forced = any(item is ForceDecode or isinstance(item, ForceDecode) for item in metadata)
        if raw or (self.config.get("enable_decoding") is False and not forced):
            return value
        return _json.loads(value)


class InitSettingsSource(PydanticBaseSettingsSource):
    def __init__(self, settings_cls, init_kwargs, *, _config=None):
        super().__init__(settings_cls, _config=_config)
        is_exact = self.config.get("case_sensitive", False)

        def plain(name):
            return name if is_exact else name.lower()

        left = dict.fromkeys(init_kwargs)
        self.init_kwargs = {}
        for name, info in plan_of(settings_cls).infos.items():
            aliases = alias_names(name, info, by_alias(self.config))
            wanted = [plain(alias) for alias in aliases]
            if by_name(self.config):
                wanted.append(plain(name))
            matched = [key for want in wanted for key in left if plain(key) == want]
            if matched:
                self.init_kwargs[aliases[0]] = init_kwargs[matched[0]]
                for key in matched:
                    left.pop(key, None)
        self.init_kwargs.update({key: init_kwargs[key] for key in left})

    def __call__(self):
        return self.init_kwargs


class EnvSettingsSource(PydanticBaseSettingsSource):
    def __init__(self, settings_cls, *, _config=None, **told):
        super().__init__(settings_cls, _config=_config)
        self.config = {**self.config, **{name: value for name, value in told.items() if value is not None}}
        self.case_sensitive = self.config.get("case_sensitive")
        self.env_prefix = self.config.get("env_prefix") or ""
        self.env_nested_delimiter = self.config.get("env_nested_delimiter")
        self.none_text = self.config.get("env_parse_none_str")
        self._known_names = {}
        self.env_vars = self._load_env_vars()

    def _load_env_vars(self):
        return self._normal(_os.environ)

    def _normal(self, variables):
        made = {}
        ignore_empty = self.config.get("env_ignore_empty")
        for name, value in variables.items():
            if not (ignore_empty and value == ""):
                is_none = self.none_text is not None and value == self.none_text
                made[self._plain(name)] = _NoneText(value) if is_none else value
        return made

    def _plain(self, name):
        return name if self.case_sensitive else name.lower()

    def _names(self, info, name, config=None):
        """Key for the model, name of the variable, whether it is JSON: in the order of search."""
        if config is not None:
            return self._found_names(info, name, config)
        if name not in self._known_names:
            self._known_names[name] = self._found_names(info, name, self.config)
        return self._known_names[name]

    def _found_names(self, info, name, config):
        target = self.config.get("env_prefix_target")
        alias = info.validation_alias if by_alias(config) else None
        if isinstance(alias, (AliasPath, AliasChoices)):
            alias = alias.convert_to_aliases()
        found = []
        if alias:
            prefix = self.env_prefix if target in ("alias", "all") else ""
            if isinstance(alias, str):
                found.append((alias, self._plain(prefix + alias), False))
            else:
                for path in alias if isinstance(alias[0], list) else [alias]:
                    found.append((path[0], self._plain(prefix + path[0]), len(path) > 1))
        if not alias or by_name(config):
            prefix = self.env_prefix if target in ("variable", "all") else ""
            nested = is_union(info.annotation) and union_is_complex(info.annotation, info.metadata)
            found.append((name, self._plain(prefix + name), nested))
        return found

    def _is_complex(self, info):
        """Whether a field is JSON, and whether it may be something else as well."""
        if is_unresolved(info.annotation):
            return False, False
        if self.field_is_complex(info):
            return True, False
        if is_union(info.annotation) and union_is_complex(info.annotation, info.metadata):
            return True, True
        return False, False

    def get_field_value(self, field, field_name):
        value, key, nested = None, field_name, False
        for key, variable, nested in self._names(field, field_name):
            value = self.env_vars.get(variable)
            if value is not None:
                break
        return value, key, nested

    def _resolved_value(self, info, name):
        value, key, nested = self.get_field_value(info, name)
        if not (nested or (by_name(self.config) and key == name)):
            preferred, _variable, is_path = self._names(info, name)[0]
            if not is_path:
                return value, preferred, nested
        return value, key, nested

    def prepare_field_value(self, field_name, field, value, value_is_complex):
        nested, may_fail = self._is_complex(field)
        if self.config.get("env_parse_enums"):
            member = _enum_of(field.annotation, value)
            value = value if member is None else member
        if not nested and not value_is_complex:
            return self._strict(field, value)
        if isinstance(value, _NoneText):
            return value
        if value is None:
            return self.explode_env_vars(field_name, field, self.env_vars) or None
        try:
            value = self.decode_complex_value(field_name, field, value)
        except ValueError:
            if not may_fail:
                raise
        if isinstance(value, dict):
            return deep_update(value, self.explode_env_vars(field_name, field, self.env_vars))
        return value

    def _strict(self, field, value):
        if value is not None and is_union(field.annotation):
            for member in _typing.get_args(field.annotation):
                if any(isinstance(item, Strict) for item in unannotated(member)[1]):
                    refuse("a choice with strict types in settings")
        return value

    def next_field(self, field, key, case_sensitive=None):
        """What a nested variable is for."""
        if not field and not isinstance(field, FieldInfo):
            return None
        annotation = field.annotation if isinstance(field, FieldInfo) else field
        if is_unresolved(annotation) or annotation is None:
            return None
        arguments = () if isinstance(annotation, type) and _typing.get_origin(annotation) is None else _typing.get_args(annotation)
        if _typing.get_origin(annotation) is dict:
            return arguments[-1] if arguments else None
        for part in arguments:
            found = self.next_field(part, key, case_sensitive)
            if found:
                return found
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            for name, info in plan_of(annotation).infos.items():
                for _key, variable, _nested in self._names(info, name, annotation.model_config):
                    if case_sensitive is None or case_sensitive:
                        if key in (name, variable):
                            return info
                    elif key.lower() in (name.lower(), variable.lower()):
                        return info
        elif isinstance(annotation, type) and hasattr(annotation, "__dataclass_fields__"):
            refuse("a dataclass among settings")
        return None

    def explode_env_vars(self, field_name, field, env_vars):
        delimiter = self.env_nested_delimiter
        if not delimiter:
            return {}
        annotation = field.annotation
        is_dict = annotation is dict or (annotation is not None and _typing.get_origin(annotation) is dict)
        prefixes = [f"{variable}{delimiter}" for _key, variable, _nested in self._names(field, field_name)]
        limit = (self.config.get("env_nested_max_split") or 0) - 1
        made = {}
        for variable, value in env_vars.items():
            prefix = next((prefix for prefix in prefixes if variable.startswith(prefix)), None)
            if prefix is None:
                continue
            *keys, last = variable[len(prefix):].split(delimiter, limit)
            place, target = made, field
            for key in keys:
                target = self.next_field(target, key, self.case_sensitive)
                if isinstance(place, dict):
                    place = place.setdefault(key, {})
            target = self.next_field(target, last, self.case_sensitive)
            if (target or is_dict) and value:
                value = self._nested_value(last, target, value)
            if isinstance(place, dict):
                if last not in place or not isinstance(value, _NoneText) or place[last] == {}:
                    place[last] = value
        return made

    def _nested_value(self, name, target, value):
        if isinstance(target, FieldInfo):
            nested, may_fail = self._is_complex(target)
            if self.config.get("env_parse_enums"):
                member = _enum_of(target.annotation, value)
                value = value if member is None else member
        elif target is not None:
            nested, may_fail = is_complex(target, []), True
            if is_union(target):
                refuse("nested variables for a choice of types")
        else:
            nested, may_fail = True, True
        if nested:
            try:
                return self.decode_complex_value(name, target, value)
            except ValueError:
                if not may_fail:
                    raise
        return value

    def __call__(self):
        data = {}
        if not self.env_vars:
            return data
        is_plain = self.none_text is None and type(self).get_field_value is EnvSettingsSource.get_field_value
        is_plain = is_plain and type(self).prepare_field_value is EnvSettingsSource.prepare_field_value
        prefix = self.env_prefix if self.config.get("env_prefix_target") in ("variable", "all") else ""
        for name, info in plan_of(self.settings_cls).infos.items():
            if is_plain and info.validation_alias is None and not is_unresolved(info.annotation) and info.annotation in _SCALARS:
                value = self.env_vars.get(self._plain(prefix + name))
                if value is not None:
                    data[name] = value
                continue
            try:
                value, key, nested = self._resolved_value(info, name)
                value = self.prepare_field_value(name, info, value, nested)
            except ValueError as error:
                source = type(self).__name__
                raise SettingsError(f'error parsing value for field "{name}" from source "{source}"') from error
            if value is None:
                continue
            if self.none_text is not None:
                value = _without_marks(value)
            if not self.case_sensitive and isinstance(value, dict):
                value = self._proper_names(info.annotation, value)
            data[key] = value
        return data

    def _proper_names(self, annotation, values):
        """The names of the fields of nested models, whatever case the variables were in."""
        if is_union(annotation):
            rest = [part for part in _typing.get_args(annotation) if part is not type(None)]
            annotation = rest[0] if len(_typing.get_args(annotation)) == 2 and len(rest) == 1 else annotation
        annotation = unannotated(annotation)[0]
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            return values
        made = {}
        infos = plan_of(annotation).infos
        for name, value in values.items():
            key, info = None, None
            for known, info in infos.items():
                key = next((alias for alias in alias_names(known, info, by_alias(annotation.model_config)) if alias.lower() == name.lower()), None)
                if key is not None:
                    break
            if key is None:
                made[name] = value
            else:
                made[key] = self._proper_names(info.annotation, value) if isinstance(value, dict) else value
        return made


def _without_marks(value):
    if isinstance(value, _NoneText):
        return None
    return {key: _without_marks(item) for key, item in value.items()} if isinstance(value, dict) else value


class DotEnvSettingsSource(EnvSettingsSource):
    def _load_env_vars(self):
        files = self.config.get("env_file")
        if files is None:
            return {}
        if isinstance(files, str) or hasattr(files, "__fspath__"):
            files = [files]
        found = {}
        encoding = self.config.get("env_file_encoding") or "utf-8"
        for file in files:
            if is_unresolved(file):
                refuse("an `env_file` that could not be evaluated")
            path = _env_file(file, self.config.get("env_file_depth") or 0)
            if path is not None:
                found.update(self._normal(dotenv_values(path, encoding=encoding)))
        return found

    def __call__(self):
        data = super().__call__()
        filtering = self.config.get("dotenv_filtering")
        if filtering == "only_existing":
            return data
        if filtering is not None:
            refuse(f"`dotenv_filtering={filtering!r}` of a settings class")
        prefix = self._plain(self.env_prefix)
        infos = plan_of(self.settings_cls).infos
        used = {own for name, info in infos.items() for _key, own, _nested in self._names(info, name)}
        for variable, value in self.env_vars.items():
            if not value or variable in data or (self.env_prefix and variable in infos):
                continue
            if variable in used or self._is_nested(variable, infos):
                continue
            is_stripped = self.config.get("extra") != "forbid" and variable.startswith(prefix)
            data[variable[len(prefix):] if is_stripped else variable] = value
        return data

    def _is_nested(self, variable, infos):
        delimiter = self.env_nested_delimiter
        if not delimiter or delimiter not in variable:
            return False
        for name, info in infos.items():
            for _key, own, _nested in self._names(info, name):
                if variable.startswith(f"{own}{delimiter}") and self._is_complex(info)[0]:
                    return True
        return False


def _env_file(file, depth):
    path = _pathlib.Path(file).expanduser()
    if path.is_file():
        return path
    if depth <= 0 or path.is_absolute():
        return None
    for folder in list(_pathlib.Path.cwd().parents)[:depth]:
        if (folder / path).is_file():
            return folder / path
    return None


class SecretsSettingsSource(PydanticBaseSettingsSource):
    """A folder with a file for each value."""

    def __call__(self):
        folders = self.config.get("secrets_dir")
        if folders is None:
            return {}
        folders = [folders] if isinstance(folders, str) or hasattr(folders, "__fspath__") else folders
        for folder in folders:
            if _pathlib.Path(folder).expanduser().exists():
                refuse("`secrets_dir` of a settings class, with a folder that is there")
        return {}
