"""What tells one layout of a packet from another, for files that outlive the server that wrote them."""

import functools
import hashlib
from typing import Any

import construct as c

from opcodes.vocab import RULES, Listed, Mapped, Record, ToEndOf, wire_form

SIZE = 16
OF_CONSTRUCT = {"name", "docs", "flagbuildnone", "parsed"}  # every construct has these
LIMITS = {"limit", "words"}  # how much may come: it changes no byte of what does


@functools.cache
def fingerprint(cls: type[Record]) -> bytes:
    """SIZE bytes that are others when a field of the record, or of one within it, is, or its name."""
    return hashlib.sha256(described(cls).encode()).digest()[:SIZE]


def described(cls: type[Record]) -> str:
    """Its fields in order, with their forms and rules; the same in every process."""
    fields = ("/".join((k, _form(wire_form(v)), _ruled(cls.rules.get(k)))) for k, v in cls.hints.items())
    return f"{cls.__name__}({', '.join(fields)})"


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
