"""Structured text (IEC 61131-3), parsed by the grammar of blark and carried out scan by scan: what docs/plc.md uses.

Types are checked where it matters: a name that is not declared is an error, and a value is held as its type holds it.
"""

from collections.abc import Callable
from typing import Any, Final

from blark import transform as st
from blark.parse import parse_source_code

BITS: Final = {"UINT": 16, "UDINT": 32}
FUNCTIONS: Final[dict[str, Callable[[int], int]]] = {
    "UDINT_TO_UINT": lambda value: value % (1 << 16),
    "UDINT_TO_DINT": lambda value: (value + (1 << 31)) % (1 << 32) - (1 << 31),
}
OPERATORS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "MOD": lambda a, b: a % b,
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    ">=": lambda a, b: a >= b,
    "AND": lambda a, b: a and b,
}


class Timer:
    """TON: Q once IN has been true for PT, in seconds."""

    def __init__(self) -> None:
        self.since: float | None = None
        self.q = False

    def __call__(self, now: float, on: bool, limit_s: float) -> None:
        self.since = (now if self.since is None else self.since) if on else None
        self.q = self.since is not None and now - self.since >= limit_s


class StProgram:
    """Its variables, and one scan after another. Raises lark's errors for what the grammar refuses."""

    def __init__(self, source: str) -> None:
        parsed = parse_source_code(source)
        if parsed.exception is not None:
            raise parsed.exception
        *types, program = parsed.transform().items
        structs = {
            str(each.declaration.name): [str(v.name) for d in each.declaration.declarations for v in d.variables]
            for each in types
        }
        self._statements = program.body.statements
        self.types: dict[str, str] = {}
        self.values: dict[str, Any] = {}
        for block in program.declarations:
            for declaration in block.items:
                kind = str(declaration.init.full_type_name)
                for variable in declaration.variables:
                    name = str(variable.name)
                    self.types[name] = kind
                    self.values[name] = _new(kind, structs)

    def scan(self, now: float) -> None:
        """Once through, at this moment in seconds."""
        self._now = now
        self._run(self._statements)

    def _run(self, statements: list[Any]) -> None:
        for statement in statements:
            match statement:
                case st.AssignmentStatement(variables=[st.SimpleVariable(name=name)]):
                    self._assign(str(name), self._value(statement.expression))
                case st.IfStatement(else_ifs=[]):
                    if self._value(statement.if_expression):
                        self._run(statement.statements.statements)
                    elif statement.else_clause is not None:
                        self._run(statement.else_clause.statements.statements)
                case st.ForStatement(step=None):
                    for value in range(self._value(statement.from_), self._value(statement.to) + 1):
                        self._assign(str(statement.control.name), value)
                        self._run(statement.statements.statements)
                case st.FunctionCallStatement():
                    given = {str(each.name): self._value(each.value) for each in statement.parameters}
                    self.values[str(statement.name.name)](self._now, given["IN"], given["PT"])
                case _:
                    raise NotImplementedError(str(statement))

    def _assign(self, name: str, value: Any) -> None:
        kind = self.types[name]
        assert isinstance(value, bool) == (kind == "BOOL"), f"{name} is {kind}, and is set to {value}"
        self.values[name] = value % (1 << BITS[kind]) if kind in BITS else value

    def _value(self, expression: Any) -> Any:
        match expression:
            case st.Boolean():
                return str(expression.value) == "TRUE"
            case st.Duration():
                return int(expression.milliseconds) / 1000
            case st.Integer():
                return int(expression.value)
            case st.SimpleVariable():
                return self.values[str(expression.name)]
            case st.MultiElementVariable():
                held = self.values[str(expression.name.name)]
                for element in expression.elements:
                    if isinstance(element, st.SubscriptList):
                        held = held[self._value(element.subscripts[0])]
                    elif isinstance(held, Timer):
                        held = held.q
                    else:
                        held = held[str(element.field.name)]
                return held
            case st.FunctionCall():
                return FUNCTIONS[str(expression.name.name)](self._value(expression.parameters[0].value))
            case st.UnaryOperation():
                assert str(expression.op) == "NOT"
                return not self._value(expression.expr)
            case st.BinaryOperation():
                return OPERATORS[str(expression.op)](self._value(expression.left), self._value(expression.right))
            case st.ParenthesizedExpression():
                return self._value(expression.expr)
        raise NotImplementedError(repr(expression))


def _new(kind: str, structs: dict[str, list[str]]) -> Any:
    if kind.startswith("ARRAY"):
        of = kind.rpartition(" ")[2]
        return [dict.fromkeys(structs[of], 0) for _ in range(8)]
    return Timer() if kind == "TON" else False if kind == "BOOL" else 0
