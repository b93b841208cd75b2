"""The numbers that an operator may change, with the reference servers' defaults."""

from dataclasses import dataclass

TICK_MS = 50
SIGHT_LIMIT_YARDS = 1000.0
UDP_SIGHT_YARDS = 20.0, 270.0  # what is kept is a tenth more, which a Field has to 300
MAP_HALF_YARDS = 17066.67  # 64 grids of 533.3333 yards, halved
COORDINATE_LIMIT_YARDS = 17066.0  # half a yard inside the edge.  Source: facts/reference_servers.md 3.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How this realm behaves; the same for every zone, and part of what a journal must carry."""

    realm_id: int = 1
    motd: tuple[str, ...] = ("Welcome to BlueMarble.",)

    sight_yards: float = 100.0
    sight_leave_yards: float = 110.0  # what is seen is kept until here, so that edges do not flicker
    udp_sight_yards: float = 150.0  # of those who play over UDP; what is kept until is a tenth more
    sight_limit: int = 1000  # entities one observer sees at most, nearest first
    creates_per_tick: int = 40  # entities that appear to one observer in one tick, nearest first

    say_yards: float = 40.0
    emote_yards: float = 40.0
    yell_yards: float = 300.0
    message_limit_bytes: int = 255

    grid_margin_yards: float = 60.0  # a grid loads before it comes into sight
    grid_unload_ms: int = 300_000
    grid_objects_per_tick: int = 100  # made and removed, all grids of a map together

    logout_ms: int = 20_000
    linger_ms: int = 60_000
    instant_logout_level: int = 1  # GM level from which a logout does not wait
    rest_yards: float = 50.0  # as far from where it stepped into an inn a player rests
    save_interval_ms: int = 900_000
    own_create_ticks: int = 3  # from the login burst to the player's own CREATE, at least 100 ms
    time_sync_first_ms: int = 5_000
    time_sync_ms: int = 10_000
    teleport_near_ms: int = 25_000  # an unanswered teleport is taken as done
    teleport_far_ms: int = 45_000

    move_slack: float = 1.25  # of the speed, for rounding and jitter
    move_burst_yards: float = 30.0  # beyond the speed, saved up while standing
    move_late_ms_limit: int = 2_000  # latency that is forgiven on top

    command_gps_level: int = 1
    command_tele_level: int = 1
    cross_faction_chat: bool = False

    friends_limit: int = 50
    ignores_limit: int = 50
    who_limit: int = 49
    channels_limit: int = 20  # that one member is in
    channel_bans_limit: int = 100  # the oldest gives way
    channel_list_limit: int = 3_000  # members named in one reply: nine bytes each stay under 0x7FFF
    channel_order_level: int = 2  # GM level that may do in any channel what its moderators may
    whisper_any_level: int = 1  # GM level that is heard by everyone, and by the other side
    # So many at once, then one each so many ms; what is over is dropped, and the member is told.
    speak_pace: tuple[int, int] = (10, 500)  # whispers and channel messages; saying, yelling, gesturing
    order_pace: tuple[int, int] = (40, 250)  # joining, leaving, ordering channels; changing contacts
    who_pace: tuple[int, int] = (5, 1_000)
    look_up_pace: tuple[int, int] = (300, 50)  # names that only the database knows

    def __post_init__(self) -> None:
        """
        Look whether the numbers make sense together.

        @raise ValueError: they do not.
        """
        if not 0.0 < self.sight_yards <= self.sight_leave_yards <= SIGHT_LIMIT_YARDS:
            raise ValueError(f"sight_yards, sight_leave_yards: in this order, at most {SIGHT_LIMIT_YARDS:g}")
        if not max(self.say_yards, self.emote_yards, self.yell_yards) <= SIGHT_LIMIT_YARDS:
            raise ValueError(f"say_yards, emote_yards, yell_yards: at most {SIGHT_LIMIT_YARDS:g}")
        if not UDP_SIGHT_YARDS[0] <= self.udp_sight_yards <= UDP_SIGHT_YARDS[1]:
            raise ValueError(f"udp_sight_yards: {UDP_SIGHT_YARDS[0]:g} to {UDP_SIGHT_YARDS[1]:g}")
        if min(self.sight_limit, self.creates_per_tick, self.grid_objects_per_tick) < 1:
            raise ValueError("sight_limit, creates_per_tick, grid_objects_per_tick: at least 1")
        if (
            min(self.save_interval_ms, self.time_sync_ms) < TICK_MS
        ):  # else they would come for ever in one tick
            raise ValueError(f"save_interval_ms, time_sync_ms: at least {TICK_MS}")
