"""`pydantic_core`: what projects take from it."""
from pydantic._support import PydanticCustomError, PydanticOmit, PydanticUseDefault, Undefined as PydanticUndefined, PydanticUndefinedType, ValidationError
