"""`TypeEngine.Comparator`: methods that the expressions of a type have. sqlalchemy/sql/type_api.py."""
from sqlalchemy.orm._support import refuse

_OPERATORS = (
    "operate",
    "reverse_operate",
    "__eq__",
    "__ne__",
    "__lt__",
    "__le__",
    "__gt__",
    "__ge__",
    "__add__",
    "__radd__",
    "__sub__",
    "__rsub__",
    "__mul__",
    "__rmul__",
    "__truediv__",
    "__rtruediv__",
    "__mod__",
    "__and__",
    "__or__",
    "__invert__",
    "__neg__",
    "__contains__",
    "__getitem__",
    "__lshift__",
    "__rshift__",
    "__matmul__",
)


class Comparator:
    def __init__(self, expr):
        self.expr = expr

    def __init_subclass__(cls, **keywords):
        for name in _OPERATORS:
            if name in vars(cls):
                refuse(f"a `comparator_factory` with `{name}`")

    @property
    def type(self):
        return self.expr.type

    def op(self, *arguments, **keywords):
        return self.expr.op(*arguments, **keywords)

    def bool_op(self, *arguments, **keywords):
        return self.expr.bool_op(*arguments, **keywords)

    def operate(self, op, *other, **keywords):
        if keywords:
            refuse("`Comparator.operate` with keywords")
        return op(self.expr, *other)
