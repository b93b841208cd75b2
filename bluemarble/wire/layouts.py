"""A packet's layout in words, for files that outlive the server that wrote them."""

import functools
import re
from typing import Any

import construct as c

from opcodes.vocab import RULES, Listed, Mapped, Record, ToEndOf, wire_form

OF_CONSTRUCT = {"name", "docs", "flagbuildnone", "parsed"}  # every construct has these
LIMITS = {"limit", "words"}  # how much may come: it changes no byte of what does
TOKENS = re.compile(r"[(),]|[^(),]+")
SHOWN = 60  # characters of a difference: a field and its rule


@functools.cache
def described(cls: type[Record]) -> str:
    """
    Its name, and its fields in order, with their forms and rules; the same in every process.

    It is another when a field of the record, or of one within it, is.
    """
    fields = ("/".join((k, _form(wire_form(v)), _ruled(cls.rules.get(k)))) for k, v in cls.hints.items())
    return f"{cls.__name__}({', '.join(fields)})"


def difference(theirs: str, ours: str) -> str:
    """The first field of two descriptions that is not the same, in words."""
    there, here = TOKENS.findall(theirs), TOKENS.findall(ours)
    for one, other in zip(there, here, strict=False):
        if one != other:
            return f"there {_shown(one)}, here {_shown(other)}"
    return "one has more than the other" if len(there) != len(here) else "nothing"


def _shown(token: str) -> str:
    """A token as one may print it, whatever a file claims it to be."""
    return repr(token.strip()[:SHOWN])


def _form(form: Any) -> str:
    if isinstance(form, type):
        return described(form)
    if isinstance(form, c.FormatField):
        return str(form.fmtstr)
    if isinstance(form, Mapped):
        return f"Mapped({_form(form.subcon)})"
    about = {k: v for k, v in sorted(vars(form).items()) if k not in OF_CONSTRUCT | LIMITS}
    return f"{type(form).__name__}{about}"


def _ruled(rule: Any) -> str:
    return _rule(rule) if isinstance(rule, RULES) else ""  # a default is not on the wire


def _rule(rule: Any) -> str:
    if isinstance(rule, Listed | ToEndOf):
        rule = rule._replace(limit=0)
    if isinstance(rule, tuple):
        return f"{type(rule).__name__}[{' '.join(map(_rule, rule))}]"
    return str(rule.fmtstr) if isinstance(rule, c.FormatField) else repr(rule)
