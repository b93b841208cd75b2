"""The sections of bluemarble.toml: every key, its default, what it may be and what it is for."""

import re
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Port = Annotated[int, Field(ge=0, le=65535)]
Yards = Annotated[float, Field(gt=0, le=600)]
Milliseconds = Annotated[int, Field(ge=0, le=86_400_000)]
Interval = Annotated[int, Field(ge=50, le=86_400_000)]  # milliseconds, no less than a tick
Count = Annotated[int, Field(ge=0, le=10_000)]
Pace = tuple[Annotated[int, Field(ge=1, le=10_000)], Milliseconds]
Level = Annotated[int, Field(ge=0, le=255)]
Addresses = Annotated[tuple[str, ...], Field(min_length=1)]
HOST = re.compile(r"[A-Za-z0-9.-]+")


def _host(text: str) -> str:
    if not HOST.fullmatch(text):
        raise ValueError("a name or an IPv4 address alone, without port")
    return text


class Section(BaseModel):
    """One `[section]` of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Auth(Section):
    """The auth server: logon and the realm list."""

    port: Port = 3724
    """TCP port; clients expect 3724.  0 takes any free one."""
    addresses: Addresses = ("0.0.0.0", "::")
    """Where to listen, IPv4 and IPv6."""
    connection_limit: Annotated[int, Field(ge=1)] = 4000
    """Connections at one time."""
    connections_per_address: Annotated[int, Field(ge=1)] = 100
    """Of those, from one address, or one IPv6 /64; this machine's own are not counted."""
    connects_per_minute: Annotated[int, Field(ge=1)] = 600
    """New connections from there; likewise."""
    wrong_passwords: Annotated[int, Field(ge=0)] = 5
    """After so many an account is refused to that address for a while.  0: never."""
    wrong_passwords_s: Annotated[int, Field(ge=1)] = 600
    """How long, from the last wrong one."""


class World(Section):
    """The world server, and the realm it is in the realm list."""

    port: Port = 8085
    """TCP port.  0 takes any free one."""
    port_5875: Annotated[int, Field(ge=-1, le=65535)] = -1
    """TCP port for 1.12.1 clients, which are greeted in another way.  -1 takes the one after `port`."""
    addresses: Addresses = ("0.0.0.0", "::")
    """Where to listen, IPv4 and IPv6."""
    realm_id: Annotated[int, Field(ge=1, le=255)] = 1
    """Some clients only know 1."""
    realm_id_5875: Annotated[int, Field(ge=1, le=255)] = 2
    """The realm's other row in the realm list, which sends 1.12.1 clients to their port."""
    realm_name: Annotated[str, Field(min_length=1, max_length=32)] = "BlueMarble"
    """As players see it."""
    realm_address: Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_host)] = "127.0.0.1"
    """The name or address at which players' machines reach this server: the realm list sends them there."""
    builds: Annotated[tuple[Literal[12340, 5875], ...], Field(min_length=1)] = (12340, 5875)
    """Client builds that are let in: 12340 is 3.3.5a, 5875 is 1.12.1."""
    player_limit: Annotated[int, Field(ge=0)] = 0
    """Sessions let in at one time; the others queue.  0: no limit."""
    characters_limit: Annotated[int, Field(ge=1, le=10)] = 10
    """Characters an account may have here."""
    two_factions: bool = True
    """Let an account have characters of both factions."""
    deleted_kept_days: Annotated[int, Field(ge=0)] = 30
    """How long a deleted character can be restored.  0: for ever."""

    @model_validator(mode="after")
    def _rows_differ(self) -> "World":
        rows = self.realm_rows()
        if len({row.build for row in rows}) < len(rows):
            raise ValueError("builds: one is named twice")
        if len({row.id for row in rows}) < len(rows):
            raise ValueError("realm_id and realm_id_5875 are the same")
        if self.port and len({row.port for row in rows}) < len(rows):
            raise ValueError("port and port_5875 are the same")
        return self

    def realm_rows(self) -> list["RealmRow"]:
        """What the realm list has of this realm: a row for each client build, which has a port of its own."""
        rows = {
            12340: RealmRow(12340, self.realm_id, self.realm_name, self.port),
            5875: RealmRow(5875, self.realm_id_5875, f"{self.realm_name[:25]} 1.12.1", self._port_5875()),
        }
        return [rows[build] for build in self.builds]

    def _port_5875(self) -> int:
        if self.port_5875 >= 0:
            return self.port_5875
        return self.port and (self.port + 1) % 0x10000


class Udp(Section):
    """Play over UDP, for clients that ask for it; docs/bmu1.md has the protocol.  TCP goes on beside it."""

    on: bool = True
    """Offer it."""
    port: Annotated[int, Field(ge=-1, le=65535)] = -1
    """UDP port, on the world server's addresses.  -1 takes the number of its TCP port, 0 any free one."""
    link_limit: Annotated[int, Field(ge=1, le=16_384)] = 12_000
    """Players on UDP at one time; others play over TCP."""
    io_threads: Annotated[int, Field(ge=1, le=16)] = 1
    """Threads that receive, send and encipher, beside the one that simulates; 2 want 4 cores."""
    world_threads: Annotated[int, Field(ge=1, le=16)] = 1
    """Threads that find out who sees whom; likewise."""
    bandwidth_kbit: Annotated[int, Field(ge=8, le=100_000)] = 64
    """Kilobits a second for one player at first; it follows what the line takes."""
    bandwidth_kbit_min: Annotated[int, Field(ge=8, le=100_000)] = 16
    """Never less."""
    bandwidth_kbit_max: Annotated[int, Field(ge=8, le=100_000)] = 512
    """Never more."""
    keepalive_ms: Annotated[int, Field(ge=200, le=5_000)] = 1_000
    """Each end sends something at least so often; after 15 s without a word a player is back on TCP."""
    mtu_bytes: Annotated[int, Field(ge=1_200, le=1_452)] = 1_452
    """Largest datagram, where the way allows it."""
    deltas: bool = False
    """Send differences to what they have to clients that know how: fewer bytes, more of our time."""
    receive_buffer_bytes: Annotated[int, Field(ge=65_536, le=1 << 30)] = 16 << 20
    """Of the sockets; net.core.rmem_max must allow it, else it is less."""
    send_buffer_bytes: Annotated[int, Field(ge=65_536, le=1 << 30)] = 4 << 20
    """Likewise, net.core.wmem_max."""

    @model_validator(mode="after")
    def _bandwidth_in_order(self) -> "Udp":
        if not self.bandwidth_kbit_min <= self.bandwidth_kbit <= self.bandwidth_kbit_max:
            raise ValueError("bandwidth_kbit is not between bandwidth_kbit_min and bandwidth_kbit_max")
        return self


class Metrics(Section):
    """What the world server does, in numbers, at http://ADDRESS:PORT/metrics for Prometheus."""

    port: Port = 0
    """TCP port.  0: off."""
    addresses: Addresses = ("127.0.0.1",)
    """Where to listen; whoever can connect can read it."""


class RealmRow(NamedTuple):
    """One row of the realm list, and the port behind it."""

    build: int
    id: int
    name: str
    port: int


class Rules(Section):
    """How the game behaves; a journal carries these."""

    motd: tuple[str, ...] = ("Welcome to BlueMarble.",)
    """Lines every player sees on entering."""
    sight_yards: Yards = 100.0
    """How far one sees others."""
    sight_leave_yards: Yards = 110.0
    """How far one keeps seeing them: more, so that none flicker."""
    udp_sight_yards: Annotated[float, Field(ge=20, le=270)] = 150.0
    """Likewise one who plays over UDP: the nearest 255 things."""
    sight_limit: Annotated[int, Field(ge=1, le=10_000)] = 1000
    """Objects and players one sees at most, nearest first."""
    creates_per_tick: Annotated[int, Field(ge=1, le=1000)] = 40
    """Of them, those that may appear in one tick."""
    say_yards: Yards = 40.0
    """How far a say is heard."""
    emote_yards: Yards = 40.0
    """How far an emote is seen."""
    yell_yards: Yards = 300.0
    """How far a yell is heard."""
    message_limit_bytes: Annotated[int, Field(ge=1, le=255)] = 255
    """Of one chat line."""
    grid_margin_yards: Yards = 60.0
    """A grid loads so far before it comes into sight."""
    grid_unload_ms: Milliseconds = 300_000
    """An empty grid is kept so long."""
    grid_objects_per_tick: Annotated[int, Field(ge=1)] = 100
    """Made or removed in one tick, all grids of a map."""
    logout_ms: Milliseconds = 20_000
    """From asking to log out to being out."""
    linger_ms: Milliseconds = 60_000
    """A character whose connection was lost stays so long."""
    instant_logout_level: Level = 1
    """Access level from which a logout does not wait."""
    rest_yards: Yards = 50.0
    """Who steps into an inn rests this far around, and logs out at once."""
    save_interval_ms: Interval = 900_000
    """Each character is saved so often."""
    own_create_ticks: Annotated[int, Field(ge=1, le=100)] = 3
    """50 ms each, from the login burst to the player's own object."""
    time_sync_first_ms: Milliseconds = 5_000
    """The second time sync comes so long after the first."""
    time_sync_ms: Interval = 10_000
    """And every further one so long after the last."""
    teleport_near_ms: Milliseconds = 25_000
    """A teleport that is not confirmed is then taken as done."""
    teleport_far_ms: Milliseconds = 45_000
    """Likewise to another map."""
    move_slack: Annotated[float, Field(ge=1, le=10)] = 1.25
    """Times the allowed speed a client may seem to move."""
    move_burst_yards: Annotated[float, Field(ge=0, le=1000)] = 30.0
    """Beyond that, saved up while standing."""
    move_late_ms_limit: Milliseconds = 2_000
    """Latency that is forgiven on top."""
    command_gps_level: Level = 1
    """Access level that `.gps` wants."""
    command_tele_level: Level = 1
    """Access level that `.tele` wants."""
    cross_faction_chat: bool = False
    """Let both factions understand each other."""
    friends_limit: Count = 50
    """Friends one has at most."""
    ignores_limit: Count = 50
    """People one ignores at most."""
    who_limit: Annotated[int, Field(ge=1, le=49)] = 49
    """Lines of a who list."""
    channels_limit: Count = 20
    """Channels one is in at most."""
    channel_bans_limit: Count = 100
    """Bans a channel remembers; the oldest gives way."""
    channel_list_limit: Annotated[int, Field(ge=1, le=3000)] = 3_000
    """Members named in one list of a channel."""
    channel_order_level: Level = 2
    """Access level that may do in any channel what its moderators may."""
    whisper_any_level: Level = 1
    """Access level that everyone hears, ignored or not, and the other faction too."""
    speak_pace: Pace = (10, 500)
    """Whispers and channel messages: so many at once, then one each so many ms."""
    order_pace: Pace = (40, 250)
    """Likewise joining, leaving and ordering channels, and changing friends."""
    who_pace: Pace = (5, 1_000)
    """Likewise who."""
    look_up_pace: Pace = (300, 50)
    """Likewise names that only the database knows."""

    @model_validator(mode="after")
    def _seen_until_far(self) -> "Rules":
        if self.sight_leave_yards < self.sight_yards:
            raise ValueError("sight_leave_yards is less than sight_yards")
        return self


class Databases(Section):
    """
    The three databases: sqlite:///PATH or mysql://USER:PASS@HOST:PORT/NAME.

    A relative PATH is under this file's directory.
    """

    auth: str = "sqlite:///auth.sqlite"
    """Accounts, bans, realms."""
    characters: str = "sqlite:///characters.sqlite"
    """Characters."""
    world: str = "sqlite:///world.sqlite"
    """Templates and spawns."""
    readers_min: Annotated[int, Field(ge=0, le=100)] = 1
    """Reading connections to MySQL kept open, for each database."""
    readers_max: Annotated[int, Field(ge=1, le=100)] = 4
    """Reading connections at most, for each database."""
    update: bool = True
    """Bring the databases up to date at start; else refuse to start when they are not."""

    @model_validator(mode="after")
    def _some_readers(self) -> "Databases":
        if self.readers_max < self.readers_min:
            raise ValueError("readers_max is less than readers_min")
        return self


class Journal(Section):
    """The record of everything that enters the simulation, for replay."""

    path: str = ""
    """Directory for journals, relative to this file.  Empty: off; `journals` if a command turns it on."""
    digest_s: Annotated[int, Field(ge=0, le=3_600)] = 1
    """A part of the state is hashed into it so often, for replay to compare.  0: only at the end."""
    snapshot_s: Annotated[int, Field(ge=0, le=86_400)] = 60
    """The whole state is written into it so often, for replay to begin there.  0: at a file's beginning."""
    file_mib: Annotated[int, Field(ge=1, le=1 << 20)] = 256
    """A file that has more is followed by the next one."""
    file_s: Annotated[int, Field(ge=0)] = 3_600
    """Likewise one that is older.  0: never."""
    keep_mib: Annotated[int, Field(ge=0)] = 10_240
    """The oldest files are deleted while there are more; only those that a server has named.  0: never."""
    mask_chat: bool = False
    """Write x for each letter of what is said, to anybody; commands stay."""


class Capture(Section):
    """Packets of single accounts, written down while a command wants that."""

    path: str = ""
    """Directory for captures, relative to this file.  Empty: `captures`."""
    file_mib: Annotated[int, Field(ge=1, le=1 << 20)] = 256
    """A capture ends when its file has that many."""
    mask_chat: bool = False
    """Write x for each letter of what is said."""
    key_log: str = ""
    """File for the keys of every datagram link: who has it and a recording reads everything.  Empty: off."""


class Limits(Section):
    """What one connection of the world server may do before it is cut."""

    connection_limit: Annotated[int, Field(ge=1)] = 12_000
    """Connections at one time."""
    connections_per_address: Annotated[int, Field(ge=1)] = 500
    """Of those, from one address, or one IPv6 /64; this machine's own are not counted."""
    connects_per_minute: Annotated[int, Field(ge=1)] = 600
    """New connections from there; likewise."""
    handshake_s: Annotated[int, Field(ge=1)] = 30
    """A connection that has not proven its account is cut."""
    character_screen_idle_s: Annotated[int, Field(ge=10)] = 900
    """Likewise one that does nothing at the character screen."""
    world_silence_s: Annotated[int, Field(ge=60)] = 120
    """Likewise one in the world that sends nothing; clients ping every 30 s."""
    packets_per_second: Annotated[int, Field(ge=10)] = 200
    """Packets a session may send over time; more are dropped."""
    packets_burst: Annotated[int, Field(ge=10)] = 600
    """Beyond that, saved up while it sent less."""
    packets_dropped: Annotated[int, Field(ge=0)] = 1000
    """So many dropped, no second without one, cut it."""
    packets_per_tick: Annotated[int, Field(ge=1)] = 150
    """Taken from one session in one tick of 50 ms; more wait."""
    unwritten_bytes: Annotated[int, Field(ge=65536)] = 4 << 20
    """A client that does not read is cut above this."""
    requests_per_second: Annotated[int, Field(ge=1)] = 5
    """Requests that need the database (character screen, account data) over time; more are dropped."""
    requests_burst: Annotated[int, Field(ge=20)] = 60
    """Beyond that, saved up while it asked less."""
    requests_waiting: Annotated[int, Field(ge=1)] = 20
    """Requests of the character screen that may wait for the one before."""


class Log(Section):
    """What is written down.  `level` and `file` are for `bluemarble run`; twistd has options of its own."""

    level: Literal["debug", "info", "warn", "error", "critical"] = "info"
    """The least that is written."""
    file: str = ""
    """A file, relative to this one, or empty for the terminal."""
    ticks_s: Annotated[int, Field(ge=0)] = 300
    """How the ticks were is written so often, when somebody is connected.  0: never."""
