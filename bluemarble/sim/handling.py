"""Which function handles which packet, and for whom: read off the functions themselves."""

import importlib
import inspect
import pkgutil
import types
import typing
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar

from opcodes.vocab import Packet

F = TypeVar("F", bound=Callable[..., None])
Table = dict[type[Packet], Callable[..., None]]


def handler(function: F) -> F:
    """
    Marks a function as what takes a packet.

    It is `f(zone: Zone, player: Player, message: PACKET)` or
    `f(society: Society, member: Member, message: PACKET)`: the first parameter's annotation says whose it is,
    the message's which packet it takes.  A union of packets takes each, a base class every packet under it
    that has no handler of its own.
    """
    hints = typing.get_type_hints(function)
    first = next(iter(inspect.signature(function).parameters))
    message = hints["message"]
    function.owner = hints[first]  # type: ignore[attr-defined]
    function.handles = typing.get_args(message) or (message,)  # type: ignore[attr-defined]
    return function


class Fault(NamedTuple):
    """A handler raised: a mistake of ours.  Its input was dropped."""

    session: int
    packet: Packet
    error: Exception


class Tables(NamedTuple):
    """
    Packet class to handler.

    @ivar zone: those that want a Zone and its Player.
    @ivar society: those that want the Society and its Member.
    """

    zone: Table
    society: Table


def tables(modules: Iterable[types.ModuleType], packets: Iterable[type[Packet]]) -> Tables:
    """
    Every packet of `packets` that a handler in `modules` takes.

    @raise ValueError: two functions claim one class.
    """
    claimed: dict[type, Any] = {}
    for module in modules:
        for _, function in inspect.getmembers(
            module, lambda f: inspect.isfunction(f) and hasattr(f, "handles")
        ):
            for cls in function.handles:
                other = claimed.setdefault(cls, function)
                if other is not function:
                    raise ValueError(f"{cls.__name__}: {_name(function)} and {_name(other)}")
    found: dict[str, Table] = {"Zone": {}, "Society": {}}
    for packet in packets:
        function = next((claimed[base] for base in packet.__mro__ if base in claimed), None)
        if function is not None:
            found[function.owner.__name__][packet] = function
    return Tables(found["Zone"], found["Society"])


def handler_modules(package: types.ModuleType) -> list[types.ModuleType]:
    """The modules of a package, by name: a file put into it is found."""
    names = sorted(found.name for found in pkgutil.iter_modules(package.__path__, package.__name__ + "."))
    return [importlib.import_module(name) for name in names]


def unhandled(packets: Iterable[type[Packet]], taken: Iterable[type[Packet]]) -> list[str]:
    """Names of `packets` that are not among `taken`, in order: a gateway refuses to start with any."""
    known = frozenset(taken)
    return sorted({p.__name__ for p in packets if p not in known})


def _name(function: Any) -> str:
    return f"{function.__module__}.{function.__name__}"
