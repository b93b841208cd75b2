"""
The auth server's end of one logon connection; bytes in, questions and bytes out, no I/O.

It is lock-step: one command, one answer.  A command that needs the database
becomes a question (`take`), and nothing more is taken until the answer is
given; what the client sends meanwhile waits, up to BUFFER_LIMIT.

The adapter calls `receive` with bytes, `take` until it gives None, the
method that answers each question, `tick` about twice a second, and writes
`outgoing` after each.

Source: shared/facts/wire_335.md sections 1 and 3.
"""

import enum
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from bluemarble.wire import srp6
from bluemarble.wire.codec import codec
from bluemarble.wire.errors import Malformed, NotAllowed, TooMuch
from opcodes import logon
from opcodes.vocab import Packet

LOGON_CHALLENGE, LOGON_PROOF, RECONNECT_CHALLENGE, RECONNECT_PROOF, REALM_LIST = 0x00, 0x01, 0x02, 0x03, 0x10

BUFFER_LIMIT = 1024  # bytes; the longest command has 289
NAME_LIMIT = 20  # bytes of an account name
TELEMETRY_LIMIT = 4  # keys of 30 bytes each
PROOF_SIZE = 75  # of a proof without such keys
COMMAND_MS = 30_000  # for a whole command, and between two before the proof
IDLE_MS = 300_000  # between two commands after it
SHORT_PROOF_MS = 1_000  # some clients drop a zero end byte of A, then wait
COMMANDS_BURST = 20  # commands at once, and then two a second
COMMANDS_MS = 500
ACCOUNT_FLAGS = 0x800000  # what servers in the field send


class State(enum.Enum):
    """How far a connection has come; in the BUSY ones it is our turn."""

    OPEN = enum.auto()
    LOOKUP = enum.auto()  # the account is being read
    CHALLENGED = enum.auto()
    RECONNECTING = enum.auto()
    DECIDING = enum.auto()  # the proof is checked, the verdict is not given yet
    AUTHED = enum.auto()
    LISTING = enum.auto()  # the realms are being read


BUSY = frozenset({State.LOOKUP, State.DECIDING, State.LISTING})

# What may come when, and where it leads.  Everything else closes the connection unanswered.
TABLE: dict[tuple[State, int], State] = {
    (State.OPEN, LOGON_CHALLENGE): State.LOOKUP,
    (State.OPEN, RECONNECT_CHALLENGE): State.LOOKUP,
    (State.CHALLENGED, LOGON_PROOF): State.DECIDING,
    (State.RECONNECTING, RECONNECT_PROOF): State.DECIDING,
    (State.AUTHED, REALM_LIST): State.LISTING,
}


class Asked(NamedTuple):
    """
    Who is it?  Answer with `ask_password`, or with `ask_key` when `reconnect`; `unavailable` else.

    @ivar name: as the client spelled it.
    @ivar os: "Win", "OSX" or ""; @ivar locale: as in "enGB".
    """

    name: str
    build: int
    os: str
    locale: str
    reconnect: bool


class Proven(NamedTuple):
    """The proof is right: `admit` once the key is stored, or `refuse`."""

    session_key: bytes
    reconnect: bool


class Wrong(NamedTuple):
    """The proof is wrong, or there is no such account: `refuse`."""

    reconnect: bool


class RealmsWanted(NamedTuple):
    """Answer with `list_realms`."""


Question = Asked | Proven | Wrong | RealmsWanted


class LogonServer:
    """
    One connection.

    @param random: gives n random bytes.
    @ivar state: where it is in TABLE.
    @ivar build: the client's, once it has said it.
    """

    __slots__ = (
        "_agreed",
        "_begun_ms",
        "_command",
        "_commands",
        "_data",
        "_expected",
        "_in",
        "_key",
        "_known",
        "_last_ms",
        "_name",
        "_opened_ms",
        "_out",
        "_random",
        "build",
        "state",
    )

    def __init__(self, random: srp6.Random, now_ms: int) -> None:
        self.state = State.OPEN
        self.build = 0
        self._random = random
        self._in, self._out = bytearray(), bytearray()
        self._opened_ms = self._begun_ms = self._last_ms = now_ms
        self._command = self._commands = 0
        self._known = False
        self._expected: srp6.Challenge | None = None
        self._agreed: srp6.Agreed | None = None
        self._name, self._data, self._key = b"", b"", b""

    def receive(self, data: bytes, now_ms: int) -> None:
        """
        Take bytes from the client.

        @raise TooMuch: more than any client sends ahead.
        """
        if len(self._in) + len(data) > BUFFER_LIMIT:
            raise TooMuch("bytes before an answer")
        if not self._in:
            self._begun_ms = now_ms
        self._last_ms = now_ms
        self._in += data

    def take(self) -> Question | None:
        """
        The next command's question; None when more bytes or an answer must come first.

        @raise PeerError: close the connection, unanswered.
        """
        while self._in and self.state not in BUSY:
            self._command = self._in[0]
            after = TABLE.get((self.state, self._command))
            if after is None:
                raise NotAllowed(f"logon command 0x{self._command:02X} in {self.state.name}")
            size = SIZES[self._command](self._in)
            if len(self._in) < size:
                return None
            self._commands += 1
            if self._commands > COMMANDS_BURST + (self._last_ms - self._opened_ms) // COMMANDS_MS:
                raise TooMuch("commands")
            body = bytes(self._in[1:size])
            del self._in[:size]
            self._begun_ms = self._last_ms
            request = codec(logon.COMMANDS[self._command][0]).decode(body)
            self.state = after
            question = READERS[self._command](self, request)
            if question is not None:
                return question
        return None

    def tick(self, now_ms: int) -> None:
        """
        Let time pass.

        @raise TooMuch: the client has taken too long; close.
        """
        if self.state in BUSY:
            self._begun_ms = self._last_ms = now_ms  # our time, not the client's
            return
        if (
            self.state is State.CHALLENGED
            and len(self._in) == PROOF_SIZE - 1
            and now_ms - self._last_ms >= SHORT_PROOF_MS
        ):
            self._in.clear()
            self._begun_ms = now_ms
            self._command = LOGON_PROOF
            self.refuse(logon.FAIL_UNKNOWN_ACCOUNT)
            return
        limit_ms = IDLE_MS if self.state is State.AUTHED and not self._in else COMMAND_MS
        if now_ms - self._begun_ms >= limit_ms:
            raise TooMuch(f"{limit_ms // 1000} s without a whole command")

    def outgoing(self) -> bytes:
        """What is to be written, once."""
        out = bytes(self._out)
        self._out.clear()
        return out

    # Answers

    def ask_password(self, name: str, salt: bytes, verifier: bytes, *, known: bool = True) -> None:
        """
        Challenge the client with an account's numbers, or with made-up ones of an unknown account.

        @param name: as stored.
        @param known: False refuses every proof.
        """
        asked = srp6.draw_challenge(srp6.upper(name), salt, verifier, self._random)
        self._expected, self._known = asked, known
        self.state = State.CHALLENGED
        self._send(
            logon.CMD_AUTH_LOGON_CHALLENGE_Server(
                result=logon.SUCCESS,
                server_public_key=asked.public,
                generator_length=1,
                generator=srp6.GENERATOR,
                large_safe_prime_length=srp6.WIDTH,
                large_safe_prime=srp6.PRIME_BYTES,
                salt=salt,
                crc_salt=self._random(16),
                security_flag=0,
            )
        )

    def ask_key(self, name: str, session_key: bytes | None) -> None:
        """Challenge the client to show that it holds the key of its last login; None refuses every proof."""
        self._known = session_key is not None
        self._name = srp6.upper(name)
        self._key = session_key or self._random(srp6.KEY_WIDTH)
        self._data = self._random(16)
        self.state = State.RECONNECTING
        self._send(
            logon.CMD_AUTH_RECONNECT_CHALLENGE_Server(
                result=logon.SUCCESS, challenge_data=self._data, checksum_salt=self._random(16)
            )
        )

    def admit(self) -> None:
        """The key is where the world server finds it: the client may see the realms."""
        self.state = State.AUTHED
        if self._command == RECONNECT_PROOF:
            self._send(logon.CMD_AUTH_RECONNECT_PROOF_Server(result=logon.SUCCESS))
        elif self._agreed is not None:
            self._send(
                logon.CMD_AUTH_LOGON_PROOF_Server(
                    result=logon.SUCCESS,
                    server_proof=self._agreed.proof,
                    account_flag=ACCOUNT_FLAGS,
                    hardware_survey_id=0,
                )
            )
        self._agreed = None

    def refuse(self, code: int) -> None:
        """Say no to the command in hand; the client may begin again."""
        self.state = State.OPEN
        self._agreed = self._expected = None
        if code == logon.FAIL_LOCKED_ENFORCED and self.build == 5875:
            code = logon.FAIL_NO_ACCESS
        answer: Any = logon.COMMANDS[self._command][1]
        self._send(answer(result=code))

    def unavailable(self) -> None:
        """The database is away: the answer to a challenge or a proof.  The realm list has no word for it."""
        self.refuse(logon.FAIL_DB_BUSY)

    def list_realms(self, realms: Sequence[logon.Realm]) -> None:
        """Send the realm list."""
        self.state = State.AUTHED
        self._send(logon.CMD_REALM_LIST_Server(realms=list(realms), footer_padding=logon.FOOTERS[self.build]))

    # Commands

    def _challenged(self, request: logon.CMD_AUTH_LOGON_CHALLENGE_Client) -> Question | None:
        size = request.account_name_size
        raw = request.account_name[:size]
        if not 1 <= size <= NAME_LIMIT or len(raw) < size:
            raise Malformed(f"account name of {size} bytes")
        try:
            name = raw.decode()
        except UnicodeDecodeError as error:
            raise Malformed("account name is not UTF-8") from error
        self.build = request.build
        if request.build not in logon.LAYOUTS:
            self.refuse(logon.FAIL_VERSION_INVALID)
            return None
        return Asked(
            name,
            request.build,
            system(request.os),
            language(request.locale),
            self._command == RECONNECT_CHALLENGE,
        )

    def _proved(self, request: logon.CMD_AUTH_LOGON_PROOF_Client) -> Question:
        expected, self._expected = self._expected, None  # one proof for one B
        agreed = expected and srp6.agree(expected, request.client_public_key, request.client_proof)
        if agreed is None or not self._known:
            return Wrong(reconnect=False)
        self._agreed = agreed
        return Proven(agreed.session_key, reconnect=False)

    def _returned(self, request: logon.CMD_AUTH_RECONNECT_PROOF_Client) -> Question:
        right = srp6.reconnect_proven(
            request.client_proof, self._name, request.proof_data, self._data, self._key
        )
        key, self._key, self._data = self._key, b"", b""
        return Proven(key, reconnect=True) if right and self._known else Wrong(reconnect=True)

    def _listed(self, _: logon.CMD_REALM_LIST_Client) -> Question:
        return RealmsWanted()

    def _send(self, packet: Packet) -> None:
        cls: Any = type(packet)
        body = codec(logon.LAYOUTS.get(self.build, {}).get(cls, cls)).encode(packet)
        self._out.append(self._command)
        if cls is logon.CMD_REALM_LIST_Server:
            self._out += len(body).to_bytes(2, "little")
        self._out += body


def system(code: bytes) -> str:
    """The client's operating system, "Win" or "OSX", however its four-character code is turned; else ""."""
    letters = bytes(byte for byte in code if 0x20 < byte < 0x7F)
    return {b"Win": "Win", b"niW": "Win", b"OSX": "OSX", b"XSO": "OSX"}.get(letters, "")


def language(code: bytes) -> str:
    """The client's locale upright, as in "enGB": its code comes reversed, shifted or plain."""
    letters = "".join(chr(byte) for byte in code if 0x20 < byte < 0x7F)
    return letters if letters[:2].islower() else letters[::-1]


def _challenge_size(data: bytearray) -> int:
    if len(data) < 4:
        return 4
    size = int.from_bytes(data[2:4], "little")
    if not 31 <= size <= 30 + 255:
        raise Malformed(f"logon challenge of {size} bytes")
    return 4 + size


def _proof_size(data: bytearray) -> int:
    if len(data) < PROOF_SIZE - 1:
        return PROOF_SIZE
    if data[73] > TELEMETRY_LIMIT:
        raise TooMuch(f"{data[73]} telemetry keys")
    return PROOF_SIZE + 30 * data[73]


# How long a command is, as far as its first bytes say it; and who reads it.
SIZES: dict[int, Callable[[bytearray], int]] = {
    LOGON_CHALLENGE: _challenge_size,
    LOGON_PROOF: _proof_size,
    RECONNECT_CHALLENGE: _challenge_size,
    RECONNECT_PROOF: lambda _: 58,
    REALM_LIST: lambda _: 5,
}
READERS: dict[int, Callable[[LogonServer, Any], Question | None]] = {
    LOGON_CHALLENGE: LogonServer._challenged,
    LOGON_PROOF: LogonServer._proved,
    RECONNECT_CHALLENGE: LogonServer._challenged,
    RECONNECT_PROOF: LogonServer._returned,
    REALM_LIST: LogonServer._listed,
}
