"""What an expression of a `.tf` file comes to, as far as the code alone says it.

Everything else raises Unknown: a value that only an apply, a data source or an input can give is
never taken for "not set".
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from state.resource import Unknown
from state.terraform.functions import FUNCTIONS, bounded, text
from state.terraform.statefile import instance_key
from state.terraform.syntax import Expression, Malformed, literal, parse_expression

Steps = tuple[Any, ...]
Names = Callable[[str, Steps], Any]
"""What a reference stands for: ("var", ("name", "first")) -> its value; raises Unknown."""

MOST_STEPS = 1_000_000
MOST_STEPS_OF_ONE = 50_000

FAULTS = (TypeError, ValueError, KeyError, IndexError, AttributeError, ArithmeticError, StopIteration, RecursionError)
"""What a wrong argument raises; Terraform would refuse such an expression, and it is not known to us."""


class Allowance(msgspec.Struct):
    """How much more may be worked out: nested loops over short lists can go on for ever."""

    left: int = MOST_STEPS

    def spend(self, steps: int = 1) -> None:
        self.left -= steps
        if self.left < 0:
            raise Unknown("takes too long to work out")


def evaluate(
    expression: Expression, names: Names, allowance: Allowance, functions: Mapping[str, Callable[..., Any]] = FUNCTIONS
) -> Any:
    """The value of an expression; raises Unknown, which says the expression and nothing of its values."""
    own = Allowance(min(allowance.left, MOST_STEPS_OF_ONE))
    given = own.left
    try:
        return bounded(_Reading(names, own, functions).value(expression.tree))
    except (Unknown, *FAULTS):
        raise Unknown(f"{expression.words} cannot be known from the code") from None
    finally:
        allowance.left -= given - own.left


def address(expression: Expression, names: Names) -> str:
    """A reference as the address that it is, the keys in it worked out; raises Unknown where it is none."""
    reading = _Addressing(names, Allowance(MOST_STEPS_OF_ONE))
    try:
        return str(bounded(reading.value(expression.tree)))
    except (Unknown, *FAULTS):
        raise Unknown(f"{expression.words} is no address that the code says") from None


class _Reading:
    def __init__(
        self, names: Names, allowance: Allowance, functions: Mapping[str, Callable[..., Any]] = FUNCTIONS
    ) -> None:
        self.names, self.allowance, self.functions = names, allowance, functions

    def value(self, tree: Any) -> Any:
        self.allowance.spend()
        read = getattr(self, f"_{tree.data}", None)
        if read is None:
            raise Unknown(f"{tree.data} is not worked out")
        return read(_parts(tree))

    # --- literals -----------------------------------------------------------------------------

    def _expr_term(self, parts: list[Any]) -> Any:
        return self.value(next(each for each in parts if hasattr(each, "data")))

    def _int_lit(self, parts: list[Any]) -> int:
        if len(parts[0]) > 100:
            raise Unknown("is too large")
        return int(parts[0])

    def _float_lit(self, parts: list[Any]) -> float:
        return float(parts[0])

    def _literal_value(self, parts: list[Any]) -> Any:
        return {"true": True, "false": False, "null": None}[str(parts[0])]

    def _string(self, parts: list[Any]) -> Any:
        pieces = [part.children[0] for part in parts[1:-1]]
        if len(pieces) == 1 and getattr(pieces[0], "data", "") == "interpolation":
            return self.value(pieces[0])
        return bounded("".join(text(self._piece(each)) for each in pieces))

    def _piece(self, piece: Any) -> Any:
        return self.value(piece) if hasattr(piece, "data") else literal(piece)

    def _interpolation(self, parts: list[Any]) -> Any:
        return self.value(parts[1])

    def _heredoc_template(self, parts: list[Any]) -> str:
        return self._heredoc(parts[0].split("\n", 1)[1], dedent=False)

    def _heredoc_template_trim(self, parts: list[Any]) -> str:
        return self._heredoc(parts[0].split("\n", 1)[1], dedent=True)

    def _heredoc(self, rest: str, *, dedent: bool) -> str:
        lines = rest.replace("\r\n", "\n").rstrip("\n").split("\n")[:-1]
        if dedent:
            margin = min((len(each) - len(each.lstrip()) for each in lines if each.strip()), default=0)
            lines = [each[margin:] for each in lines]
        body = "".join(f"{each}\n" for each in lines)
        return str(bounded("".join(text(each) for each in self._template(body))))

    def _template(self, body: str) -> Iterator[Any]:
        for piece, is_code in pieces(body):
            yield self.value(parse_expression(piece).tree) if is_code else piece

    # --- collections --------------------------------------------------------------------------

    def _tuple(self, parts: list[Any]) -> list[Any]:
        return [self.value(each) for each in parts if hasattr(each, "data")]

    def _object(self, parts: list[Any]) -> dict[str, Any]:
        elements = [_parts(each) for each in parts if getattr(each, "data", "") == "object_elem"]
        return {self._key(each[0].children[0]): self.value(each[-1]) for each in elements}

    def _key(self, tree: Any) -> str:
        """A bare word as a key is itself; in parentheses it is a reference."""
        inner = tree.children[0] if tree.data == "expr_term" and len(tree.children) == 1 else tree
        if getattr(inner, "data", "") in ("identifier", "keyword", "literal_value"):
            return str(inner.children[0])
        return text(self.value(tree))

    def _for_tuple_expr(self, parts: list[Any]) -> list[Any]:
        return [inner.value(parts[2]) for inner in self._rounds(parts)]

    def _for_object_expr(self, parts: list[Any]) -> dict[str, Any]:
        if any(getattr(each, "type", "") == "ELLIPSIS" for each in parts):
            raise Unknown("grouping is not worked out")
        return {text(inner.value(parts[2])): inner.value(parts[4]) for inner in self._rounds(parts)}

    def _rounds(self, parts: list[Any]) -> Iterator[_Reading]:
        intro = [each for each in parts[1].children if hasattr(each, "data")]
        intro = [each for each in intro if each.data != "new_line_or_comment"]
        *variables, collection = intro
        words = [str(each.children[0]) for each in variables]
        condition = next((_parts(each)[-1] for each in parts if getattr(each, "data", "") == "for_cond"), None)
        for key, value in _entries(self.value(collection)):
            bound = dict(zip(words, (key, value) if len(words) == 2 else (value,)))
            inner = _Reading(_shadowed(bound, self.names), self.allowance, self.functions)
            if condition is None or _truth(inner.value(condition)):
                yield inner

    # --- references ---------------------------------------------------------------------------

    def _identifier(self, parts: list[Any]) -> Any:
        return self.names(str(parts[0]), ())

    def _get_attr_expr_term(self, parts: list[Any]) -> Any:
        return self._traversal(parts)

    def _index_expr_term(self, parts: list[Any]) -> Any:
        return self._traversal(parts)

    def _traversal(self, parts: list[Any]) -> Any:
        """A reference as far as its root, or steps into a value that was just worked out."""
        steps: list[Any] = [self._step(parts[1])]
        tree = parts[0]
        while (inner := _only(tree)).data in ("get_attr_expr_term", "index_expr_term"):
            tree, step = _parts(inner)
            steps.insert(0, self._step(step))
        if inner.data == "identifier":
            return self.names(str(inner.children[0]), tuple(steps))
        return stepped(self.value(tree), tuple(steps))

    def _step(self, tree: Any) -> Any:
        parts = _parts(tree)
        if tree.data == "get_attr":
            return str(parts[1].children[0])
        return int(parts[1]) if tree.data == "short_index" else self.value(parts[1])

    def _full_splat_expr_term(self, parts: list[Any]) -> list[Any]:
        whole = self.value(parts[0])
        steps = tuple(self._step(each) for each in parts[1].children[1:])
        members = whole if isinstance(whole, list) else [] if whole is None else [whole]
        return [stepped(each, steps) for each in members]

    _attr_splat_expr_term = _full_splat_expr_term

    # --- operations ---------------------------------------------------------------------------

    def _function_call(self, parts: list[Any]) -> Any:
        name = str(parts[0].children[0])
        if name not in self.functions or len([each for each in parts if getattr(each, "data", "") == "identifier"]) > 1:
            raise Unknown(f"{name}() is not worked out")
        given = next((each for each in parts if getattr(each, "data", "") == "arguments"), None)
        arguments = [self.value(each) for each in _parts(given) if hasattr(each, "data")] if given else []
        if given and any(getattr(each, "type", "") == "ELLIPSIS" for each in given.children):
            arguments[-1:] = arguments[-1]
        return bounded(self.functions[name](*arguments))

    def _conditional(self, parts: list[Any]) -> Any:
        condition, yes, no = (each for each in parts if hasattr(each, "data"))
        return self.value(yes if _truth(self.value(condition)) else no)

    def _binary_op(self, parts: list[Any]) -> Any:
        sign, right = _parts(parts[1])
        symbol, left = str(sign.children[0]).strip().split()[-1], self.value(parts[0])
        if symbol in ("&&", "||"):
            return _truth(left) if _truth(left) == (symbol == "||") else _truth(self.value(right))
        return _calculated(symbol, left, self.value(right))

    def _unary_op(self, parts: list[Any]) -> Any:
        value = self.value(parts[1])
        return not _truth(value) if str(parts[0]).strip() == "!" else -_number(value)


class _Addressing(_Reading):
    """What stands outside of brackets is an address; what stands between them is worked out."""

    def value(self, tree: Any) -> str:
        inner = _only(tree)
        if inner.data == "identifier":
            return str(inner.children[0])
        if inner.data not in ("get_attr_expr_term", "index_expr_term"):
            raise Unknown("is no address")
        left, step = _parts(inner)
        if step.data == "get_attr":
            return f"{self.value(left)}.{self._step(step)}"
        key = _Reading(self.names, self.allowance)._step(step)
        return f"{self.value(left)}{instance_key(key if isinstance(key, int) else text(key))}"


def _parts(tree: Any) -> list[Any]:
    return [each for each in tree.children if getattr(each, "data", "") != "new_line_or_comment"]


def _only(tree: Any) -> Any:
    inner = _parts(tree)
    return inner[0] if tree.data == "expr_term" and len(inner) == 1 else tree


def _shadowed(bound: Mapping[str, Any], names: Names) -> Names:
    return lambda name, steps: stepped(bound[name], steps) if name in bound else names(name, steps)


def _entries(collection: Any) -> list[tuple[Any, Any]]:
    if isinstance(collection, Mapping):
        return sorted(collection.items())
    if isinstance(collection, list):
        return list(enumerate(collection))
    raise Unknown("is no collection")


def stepped(value: Any, steps: Steps) -> Any:
    """The value at the end of some steps into another one."""
    for step in steps:
        listed = isinstance(value, list) and isinstance(step, int) and not isinstance(step, bool)
        if not listed and not isinstance(value, Mapping):
            raise Unknown("has no such part")
        value = value[step]
    return value


def _truth(value: Any) -> bool:
    if value in ("true", "false"):
        return bool(value == "true")
    if not isinstance(value, bool):
        raise Unknown("is neither true nor false")
    return value


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e30:
        raise Unknown("is no number")
    return value


_SIGNS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": math.fmod,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def _calculated(symbol: str, left: Any, right: Any) -> Any:
    if symbol in ("==", "!="):
        same = left == right and isinstance(left, bool) == isinstance(right, bool)
        return same == (symbol == "==")
    answer = _SIGNS[symbol](_number(left), _number(right))
    return int(answer) if isinstance(answer, float) and answer.is_integer() else answer


_MARK = re.compile(r"\$\$\{|%%\{|\$\{|%\{")


def pieces(body: str) -> Iterator[tuple[str, bool]]:
    """A heredoc's text in pieces: (text, False) as it stands, (text, True) an expression."""
    at = 0
    while found := _MARK.search(body, at):
        yield body[at : found.start()], False
        at = found.end()
        if found[0] == "%{":
            raise Unknown("a template's directive is not worked out")
        if found[0] == "${":
            end = _closing(body, at)
            yield body[at:end], True
            at = end + 1
        else:
            yield found[0][1:], False
    yield body[at:], False


def _closing(body: str, start: int) -> int:
    """Where the brace that was just opened is closed, past strings and inner braces."""
    depth, quoted, at = 0, False, start
    while at < len(body):
        each = body[at]
        if each == "\\" and quoted:
            at += 1
        elif each == '"':
            quoted = not quoted
        elif not quoted and each == "{":
            depth += 1
        elif not quoted and each == "}":
            if depth == 0:
                return at
            depth -= 1
        at += 1
    raise Malformed("an interpolation is not closed")
