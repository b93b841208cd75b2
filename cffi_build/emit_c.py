"""
Writes C that reads and writes the records marked `hot`, from the same classes as the Python codecs:

    python cffi_build/emit_c.py

Each record becomes a struct, a reader and a writer in hot.c and api/hot.h, which are committed: a test
compares them with what this writes.  A reader believes nothing: it takes how many bytes there are, and
answers how many it used, or BM_OUT_OF_RANGE when they are too few.  Who has looked at that already, for a
whole row of records, takes `get` and `put` of hot.h, which are inline.
"""

import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent))

from opcodes import snapshot
from opcodes.vocab import Record, wire_form

TYPES = {
    "B": "uint8_t",
    "b": "int8_t",
    "H": "uint16_t",
    "h": "int16_t",
    "L": "uint32_t",
    "l": "int32_t",
    "Q": "uint64_t",
    "f": "float",
}
BEGIN = """
#ifndef BM_HOT_H
#define BM_HOT_H

#include <string.h>

#include "native.h"
#include "api/hot.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error these copies are for little-endian machines
#endif

/* `from` and `to` have as many bytes as the record has. */
"""
END = "#endif\n"
NOTE = "/* Written by emit_c.py from the records marked `hot` of opcodes/: change those, not this. */\n"


def hot(module: Any = snapshot) -> list[type[Record]]:
    """The records of a module that C reads and writes, as they stand there."""
    return [it for it in vars(module).values() if isinstance(it, type) and getattr(it, "hot", False)]


def fields(record: type[Record]) -> list[tuple[str, str, int]]:
    """
    Name, C type and bytes of each field.

    @raise TypeError: one that C cannot have: it is not a number of fixed size, or there is a rule for it.
    """
    out = []
    for name, hint in record.hints.items():
        form = wire_form(hint)
        code = getattr(form, "fmtstr", "")
        if code[:1] not in ("<", "") or code[-1:] not in TYPES or name in record.rules:
            raise TypeError(f"{record.__name__}.{name}: C reads little-endian numbers only")
        out.append((name, TYPES[code[-1]], int(form.length)))
    return out


def _c_name(record: type[Record]) -> str:
    words = "".join(f"_{ch.lower()}" if ch.isupper() else ch for ch in record.__name__)
    return f"bm{words}"


def _size_name(record: type[Record]) -> str:
    return f"{_c_name(record).upper()}_BYTES"


def declaration(record: type[Record]) -> str:
    """The struct and what reads and writes it."""
    name = _c_name(record)
    size = sum(length for _, _, length in fields(record))
    return "\n".join(
        [
            f"enum {{ {_size_name(record)} = {size} }};",
            "typedef struct {",
            *(f"    {kind} {field};" for field, kind, _ in fields(record)),
            f"}} {name};",
            f"int {name}_read(const uint8_t *from, uint32_t size, {name} *it);",
            f"int {name}_write(const {name} *it, uint8_t *to, uint32_t size);",
            "",
        ]
    )


def copies(record: type[Record]) -> str:
    """The two functions that copy, without a look at the size."""
    name = _c_name(record)
    out = []
    for head, copy in (
        (f"static inline void {name}_get(const uint8_t *from, {name} *it)", "&it->{0}, from + {1}"),
        (f"static inline void {name}_put(uint8_t *to, const {name} *it)", "to + {1}, &it->{0}"),
    ):
        out += [head, "{"]
        at = 0
        for field, _, length in fields(record):
            out.append(f"    memcpy({copy.format(field, at)}, {length});")
            at += length
        out += ["}", ""]
    return "\n".join(out)


def definition(record: type[Record]) -> str:
    """The two functions that look first."""
    name, size = _c_name(record), _size_name(record)
    out = []
    for head, copy in (
        (f"int {name}_read(const uint8_t *from, uint32_t size, {name} *it)", f"{name}_get(from, it)"),
        (f"int {name}_write(const {name} *it, uint8_t *to, uint32_t size)", f"{name}_put(to, it)"),
    ):
        out += [head, "{", f"    if (size < {size}) return BM_OUT_OF_RANGE;", f"    {copy};"]
        out += [f"    return {size};", "}", ""]
    return "\n".join(out)


def emitted() -> dict[str, str]:
    """The files' texts, by their path in this folder."""
    records = hot()
    return {
        "api/hot.h": "\n".join([NOTE, *map(declaration, records)]),
        "hot.h": "\n".join([NOTE + BEGIN, *map(copies, records), END]),
        "hot.c": "\n".join([NOTE, '#include "hot.h"\n', *map(definition, records)]),
    }


def main() -> None:
    """Write them."""
    for name, text in emitted().items():
        (HERE / name).write_text(text)


if __name__ == "__main__":
    main()
