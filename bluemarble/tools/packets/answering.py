"""Which packet answers which, and how soon it came."""

import functools
from collections import Counter, deque
from typing import Any, NamedTuple

from bluemarble.tools.packets.decoding import Decoded, version_of
from opcodes.vocab import Packet

# Requests whose answers are not named after them.
ANSWERS = {
    "CMSG_PING": "SMSG_PONG",
    "SMSG_AUTH_CHALLENGE": "CMSG_AUTH_SESSION",
    "CMSG_AUTH_SESSION": "SMSG_AUTH_RESPONSE",
    "CMSG_PLAYER_LOGIN": "SMSG_LOGIN_VERIFY_WORLD",
    "CMSG_LOGOUT_REQUEST": "SMSG_LOGOUT_RESPONSE",
    "CMSG_READY_FOR_ACCOUNT_DATA_TIMES": "SMSG_ACCOUNT_DATA_TIMES",
    "CMSG_UPDATE_ACCOUNT_DATA": "SMSG_UPDATE_ACCOUNT_DATA_COMPLETE",
    "CMSG_REQUEST_ACCOUNT_DATA": "SMSG_UPDATE_ACCOUNT_DATA",
    "CMSG_JOIN_CHANNEL": "SMSG_CHANNEL_NOTIFY",
    "CMSG_GROUP_INVITE": "SMSG_PARTY_COMMAND_RESULT",
    "CMSG_GOSSIP_HELLO": "SMSG_GOSSIP_MESSAGE",
    "CMSG_ATTACKSWING": "SMSG_ATTACKSTART",
    "SMSG_TIME_SYNC_REQ": "CMSG_TIME_SYNC_RESP",
    "SMSG_NEW_WORLD": "MSG_MOVE_WORLDPORT_ACK",
}
# Requests that are answered by their own name: most such pairs are an order and what everyone is told of it.
SAME_NAME = (
    "CHAR_ENUM CHAR_CREATE CHAR_DELETE CHAR_RENAME CHAR_CUSTOMIZE CHAR_FACTION_CHANGE REALM_SPLIT "
    "CHANNEL_LIST CONTACT_LIST WHO WHOIS PLAYED_TIME GUILD_ROSTER GUILD_INFO LIST_INVENTORY TRAINER_LIST "
    "PETITION_SHOWLIST PETITION_SHOW_SIGNATURES GMTICKET_CREATE GMTICKET_GETTICKET GMTICKET_DELETETICKET "
    "GMTICKET_SYSTEMSTATUS"
).split()
# Fields that tell which of several requests is answered, where both have them.
KEYS = ("sequence_id", "counter", "movement_counter", "time_sync", "data_type", "guid", "entry", "page_id")
WAITING_LIMIT = 1 << 20


class Latency(NamedTuple):
    """
    How soon one kind of request was answered.

    @ivar took_us: microseconds of each that was, in the order of the answers.
    @ivar unanswered: how many were not.
    """

    request: str
    answer: str
    took_us: list[int]
    unanswered: int


class Latencies:
    """
    Takes a capture's packets in their order, and joins requests and answers of each session.

    Requests of one kind are answered in their order, but where both have a field that says which is meant.
    While WAITING_LIMIT of them wait, further ones count as unanswered.
    """

    def __init__(self) -> None:
        self._asked: Counter[tuple[str, str]] = Counter()
        self._took_us: dict[tuple[str, str], list[int]] = {}
        self._waiting: dict[tuple[int, str, tuple[Any, ...]], deque[int]] = {}
        self._waiting_count = 0

    def take(self, it: Decoded) -> None:
        """One packet more."""
        captured = it.captured
        answers = answers_of(captured.build)
        for request in _requests_of(captured.build).get(it.name, ()):
            key = captured.connection, request, _key(it.packet, request, it.name, captured.build)
            times = self._waiting.get(key)
            if times:
                self._took_us.setdefault((request, it.name), []).append(captured.time_us - times.popleft())
                self._waiting_count -= 1
                if not times:
                    del self._waiting[key]
        answer = answers.get(it.name)
        if answer is not None and captured.from_client is not it.name.startswith("SMSG_"):
            self._asked[it.name, answer] += 1
            if self._waiting_count < WAITING_LIMIT:
                key = captured.connection, it.name, _key(it.packet, it.name, answer, captured.build)
                self._waiting.setdefault(key, deque()).append(captured.time_us)
                self._waiting_count += 1

    def found(self) -> list[Latency]:
        """Of each kind of request, by name."""
        out = []
        for (request, answer), count in sorted(self._asked.items()):
            took_us = self._took_us.get((request, answer), [])
            out.append(Latency(request, answer, took_us, count - len(took_us)))
        return out


@functools.lru_cache(8)
def answers_of(build: int) -> dict[str, str]:
    """Request to answer, by name: those of a build that are known to belong together."""
    version = version_of(build)
    names = set(version.names.values()) if version else set()
    found = {}
    for name in names:
        what = name[5:]
        candidates = [ANSWERS.get(name, "")]
        if name.startswith("CMSG_"):
            candidates += [f"SMSG_{what}_RESPONSE", f"SMSG_{what}_RESULT"]
            candidates += [f"SMSG_{what}"] if what in SAME_NAME else []
        elif name.startswith("SMSG_"):
            candidates += [f"CMSG_{what}_ACK"]
        answer = next((each for each in candidates if each in names), None)
        if answer is not None:
            found[name] = answer
    return found


@functools.lru_cache(8)
def _requests_of(build: int) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for request, answer in sorted(answers_of(build).items()):
        out.setdefault(answer, []).append(request)
    return out


def _key(packet: Packet | None, request: str, answer: str, build: int) -> tuple[Any, ...]:
    if packet is None:
        return ()
    return tuple(getattr(packet, name) for name in _shared(request, answer, build))


@functools.lru_cache(1 << 10)
def _shared(request: str, answer: str, build: int) -> tuple[str, ...]:
    version = version_of(build)
    classes = {cls.__name__: cls for cls in version.numbers} if version else {}
    if request not in classes or answer not in classes:
        return ()
    return tuple(name for name in KEYS if all(name in classes[it].hints for it in (request, answer)))
