"""`pydantic_core`: what projects take from it."""
from _aludel import unresolved
from pydantic._support import PydanticCustomError, PydanticOmit, PydanticUseDefault, Undefined as PydanticUndefined, PydanticUndefinedType, ValidationError


def __getattr__(name):
    if name in ("Url", "MultiHostUrl"):
        from pydantic import networks

        base = networks._Url if name == "Url" else networks._BaseMultiHostUrl
        made = type(name, (base,), {"__module__": "pydantic_core"})
        globals()[name] = made
        return made
    if name.startswith("__"):
        raise AttributeError(f"module 'pydantic_core' has no attribute {name!r}")
    return unresolved(f"pydantic_core.{name}", "aludel does not model this part of `pydantic_core`")
