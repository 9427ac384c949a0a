"""pgvector/sqlalchemy/: its types. Their values go through 32-bit and 16-bit floats, which are not made here."""
from _aludel import refuse
from sqlalchemy.dialects.postgresql import BIT as PGBit
from sqlalchemy.types import TypeDecorator, UserDefinedType


class Sized(UserDefinedType):
    cache_ok = True

    def __init__(self, dim=None):
        super().__init__()
        self.dim = dim

    def get_col_spec(self, **kw):
        name = type(self).__name__
        return name if self.dim is None else "%s(%d)" % (name, self.dim)

    def literal_processor(self, dialect):
        def process(value):
            if value is not None:
                refuse("a value of the type `pgvector.sqlalchemy." + type(self).__name__ + "`")

        return process

    bind_processor = literal_processor


class VECTOR(Sized):
    pass


class HALFVEC(Sized):
    pass


class SPARSEVEC(Sized):
    pass


class BIT(TypeDecorator):
    impl = PGBit
    cache_ok = True


Vector = VECTOR
