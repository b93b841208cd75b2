"""What clients keep with us: settings, key bindings, macros, and which tutorials they have shown."""

import zlib
from typing import TYPE_CHECKING, Any

from bluemarble.db import characters
from bluemarble.db.characters import SessionData
from bluemarble.rows import Write
from bluemarble.rows.characters import AccountDataRow, AccountTutorialRow, CharacterAccountDataRow
from bluemarble.wire.compress import decompressed
from bluemarble.wire.errors import NotAllowed, TooMuch
from opcodes.session import (
    ACCOUNT_DATA_KINDS,
    CMSG_READY_FOR_ACCOUNT_DATA_TIMES,
    CMSG_REQUEST_ACCOUNT_DATA,
    CMSG_TUTORIAL_CLEAR,
    CMSG_TUTORIAL_FLAG,
    CMSG_TUTORIAL_RESET,
    CMSG_UPDATE_ACCOUNT_DATA,
    GLOBAL_CACHE_MASK,
    SMSG_ACCOUNT_DATA_TIMES,
    SMSG_UPDATE_ACCOUNT_DATA,
    SMSG_UPDATE_ACCOUNT_DATA_COMPLETE,
)

if TYPE_CHECKING:
    from bluemarble.servers.session import Session

SIZE_LIMIT = 0xFFFF  # bytes of one kind, decompressed, as every known server has it
SENT_LIMIT = 0x7000  # bytes of one kind that fit into a packet
TUTORIAL_WORDS = 8
ALL_SHOWN = (0xFFFF_FFFF,) * TUTORIAL_WORDS


async def stored(session: "Session") -> SessionData:
    """The account's times and tutorial flags; read once in a session, after all that earlier ones stored."""
    if session.stored is None:
        account = session.proven().id
        await session.gateway.saving.settled(-account)
        session.stored = await session.gateway.databases.characters.read(
            lambda conn: characters.session_data(conn, account)
        )
    return session.stored


def tutorials(data: SessionData) -> tuple[int, ...]:
    """The flags; an account that has never said anything is not bothered with tutorials."""
    return data.tutorials or ALL_SHOWN


async def times(session: "Session", packet: CMSG_READY_FOR_ACCOUNT_DATA_TIMES) -> None:
    """When the account's kinds of data were stored."""
    data = await stored(session)
    kinds = [kind for kind in range(ACCOUNT_DATA_KINDS) if GLOBAL_CACHE_MASK >> kind & 1]
    session.send(
        SMSG_ACCOUNT_DATA_TIMES(
            unix_time=int(session.gateway.wall_s()),
            mask=GLOBAL_CACHE_MASK,
            times=[data.account_data_times.get(kind, 0) for kind in kinds],
        )
    )


async def request(session: "Session", packet: CMSG_REQUEST_ACCOUNT_DATA) -> None:
    """Send back what was stored, or nothing of it."""
    kind = packet.data_type
    owner = _owner(session, kind)
    account = session.proven().id
    await session.gateway.saving.settled(owner or -account)
    found = await session.gateway.databases.characters.read(
        lambda conn: characters.account_data(conn, account, owner, kind)
    )
    at, data = found or (0, b"")
    packed = zlib.compress(data) if data else b""
    if len(packed) > SENT_LIMIT:
        at, data, packed = 0, b"", b""
    session.send(
        SMSG_UPDATE_ACCOUNT_DATA(
            guid=owner, data_type=kind, unix_time=at, decompressed_size=len(data), compressed_data=packed
        )
    )


async def update(session: "Session", packet: CMSG_UPDATE_ACCOUNT_DATA) -> None:
    """
    Store it; at most 64 KiB, whatever it claims or unpacks to.

    @raise Malformed: it does not unpack to the size it says.
    """
    kind = packet.data_type
    owner = _owner(session, kind)
    data = unpack(packet.compressed_data, packet.decompressed_size)
    account = session.proven().id
    if not owner and not GLOBAL_CACHE_MASK >> kind & 1:
        return  # a character's, and it has just left
    if owner:
        table: type[Any] = CharacterAccountDataRow
        key = {"guid": owner, "type": kind}
    else:
        table, key = AccountDataRow, {"accountId": account, "type": kind}
    values = {"time": packet.unix_time, "data": data} if data else None
    session.gateway.saving.keep(owner or -account, (Write(table, key, values),))
    times = (
        session.gateway.data_times.setdefault(owner, {})
        if owner
        else (await stored(session)).account_data_times
    )
    times[kind] = packet.unix_time if data else 0
    session.send(SMSG_UPDATE_ACCOUNT_DATA_COMPLETE(data_type=kind))


def unpack(packed: bytes, size: int) -> bytes:
    """
    Decompressed bytes, never more than announced.

    @raise TooMuch: it announces too much; @raise Malformed: it is not what it announces.
    """
    if size > SIZE_LIMIT:
        raise TooMuch(f"account data of {size} bytes")
    if size == 0:
        return b""
    return decompressed(packed, size, SIZE_LIMIT)


def _owner(session: "Session", kind: int) -> int:
    """Whose data of that kind it is: 0 for the account, else the character in the world."""
    if kind >= ACCOUNT_DATA_KINDS:
        raise NotAllowed(f"account data of kind {kind}")
    return 0 if GLOBAL_CACHE_MASK >> kind & 1 else session.guid


async def tutorial_shown(session: "Session", packet: CMSG_TUTORIAL_FLAG) -> None:
    """One more has been shown."""
    word, bit = divmod(packet.tutorial_flag, 32)
    if word >= TUTORIAL_WORDS:
        raise NotAllowed(f"tutorial {packet.tutorial_flag}")
    flags = list(tutorials(await stored(session)))
    if not flags[word] >> bit & 1:
        flags[word] |= 1 << bit
        _keep(session, tuple(flags))


async def tutorials_cleared(session: "Session", packet: CMSG_TUTORIAL_CLEAR) -> None:
    """None is to be shown."""
    await stored(session)
    _keep(session, ALL_SHOWN)


async def tutorials_reset(session: "Session", packet: CMSG_TUTORIAL_RESET) -> None:
    """All are to be shown again."""
    await stored(session)
    _keep(session, (0,) * TUTORIAL_WORDS)


def _keep(session: "Session", flags: tuple[int, ...]) -> None:
    if session.stored is not None:
        session.stored = session.stored._replace(tutorials=flags)
    account = session.proven().id
    session.gateway.saving.keep(
        -account,
        (
            Write(
                AccountTutorialRow,
                {"accountId": account},
                {f"tut{n}": flags[n] for n in range(TUTORIAL_WORDS)},
            ),
        ),
    )
