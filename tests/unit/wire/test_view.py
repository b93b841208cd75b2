"""A client's picture, out of datagrams that come late, twice or not at all."""

from itertools import permutations

from bluemarble.wire.snapshot import (
    ENTER,
    GONE,
    LIFE,
    PLAYER,
    SELF,
    SELF_SLOT,
    Enter,
    Far,
    Life,
    Near,
    Oneself,
    Place,
    State,
    Words,
)
from bluemarble.wire.view import Changed, Corrected, Entered, Gone, Moved, View

HERE = Place(-64_000, 128, 64, 5, 28, 1)


def enter(slot, version, tick, guid=7, place=HERE, look=b""):
    return State(slot, ENTER, version, Enter(guid, PLAYER, place, tick & 0xFFFF, look).write())


def life(slot, version, health):
    return State(slot, LIFE, version, Life(health, 100, 0, 0).write())


def gone(slot, version):
    return State(slot, GONE, version, b"")


def far(slot, place):
    return Words((), (Far.of(slot, place),))


def near(slot, place):
    return Words((Near.of(slot, place),), ())


def test_enters_moves_and_goes():
    view = View()
    (entered,) = view.states(10, (enter(3, 1, 10),))
    assert entered == Entered(3, 10, Enter(7, PLAYER, HERE, 10, b""))
    there = HERE._replace(x=HERE.x + 20, yaw=6)
    assert view.snapshot(11, far(3, there)) == [Moved(3, 11, there, False)]
    closer = there._replace(x=HERE.x + 30, yaw=7)
    assert view.snapshot(12, near(3, closer)) == [Moved(3, 12, closer, True)]
    assert view.states(13, (gone(3, 2),)) == [Gone(3, 7)]
    assert view.seen == {}
    assert view.snapshot(14, far(3, there)) == []


def test_never_goes_back():
    view = View()
    view.states(10, (enter(3, 1, 10),))
    later = HERE._replace(x=HERE.x + 100)
    view.snapshot(20, far(3, later))
    assert view.snapshot(19, far(3, HERE)) == []
    assert view.states(18, (enter(3, 1, 18),)) == []  # said again, and late
    assert view.seen[3].place == later
    assert view.snapshot(20, far(3, later)) == [Moved(3, 20, later, False)]  # the same again does no harm


def test_said_again():
    """An ENTER of the same version tells of the same thing: where it is now, and how it looks now."""
    view = View()
    view.states(10, (enter(3, 1, 10, look=b"a"), life(3, 4, 50)))
    far_off = HERE._replace(z=HERE.z + 64 * 300)
    events = view.states(30, (enter(3, 1, 30, place=far_off, look=b"b"),))
    assert events == [Changed(3, ENTER, b"b"), Moved(3, 30, far_off, False)]
    assert view.seen[3].values == {LIFE: Life(50, 100, 0, 0).write()}


def test_late_datagrams_mean_who_was_there():
    """The slot's next thing takes nothing from what was said of the one before."""
    view = View()
    view.states(10, (enter(3, 1, 10),))
    view.states(20, (gone(3, 2),))
    assert view.states(15, (enter(3, 1, 15), life(3, 200, 1))) == []
    view.states(90, (enter(3, 3, 90, guid=8),))
    assert view.snapshot(19, far(3, HERE._replace(x=0))) == []
    assert view.states(19, (life(3, 2, 1), gone(3, 2), enter(3, 1, 19))) == []
    assert (view.seen[3].guid, view.seen[3].place, view.seen[3].values) == (8, HERE, {})


def test_a_lost_gone_is_made_up_for():
    view = View()
    view.states(10, (enter(3, 255, 10),))
    events = view.states(90, (enter(3, 1, 90, guid=8),))
    assert [type(event) for event in events] == [Gone, Entered]
    assert view.seen[3].guid == 8


def test_any_order_gives_the_same():
    """What the last of several states says is what one knows in the end."""
    said = [(n, enter(3, 1, n), life(3, n % 256, n)) for n in range(254, 259)]
    ends = set()
    for order in permutations(said):
        view = View()
        for tick, *states in order:
            view.states(tick, tuple(states))
        ends.add((view.seen[3].tick, view.seen[3].values[LIFE]))
    assert ends == {(258, Life(258, 100, 0, 0).write())}


def test_a_component_needs_its_thing():
    view = View()
    assert view.states(10, (life(3, 1, 5),)) == []
    assert view.states(10, (enter(3, 1, 10), life(3, 1, 5)))[1] == Changed(
        3, LIFE, Life(5, 100, 0, 0).write()
    )
    assert view.states(11, (life(3, 1, 5),)) == []  # nothing new


def test_oneself():
    view = View()
    it = Oneself(2, 100, 1, 2, 3, 4, 5, 6, 7, 8, 9)
    state = State(SELF_SLOT, SELF, 255, it.write())
    assert view.states(5, (state,)) == [Corrected(5, it)]
    assert view.states(6, (state,)) == []
    newer = it._replace(epoch=3)
    assert view.states(7, (State(SELF_SLOT, SELF, 0, newer.write()),)) == [Corrected(7, newer)]
    assert view.states(6, (state,)) == []
    assert view.oneself == newer


def test_ticks_are_counted_on():
    """Something may stand still for longer than 16 bits of ticks."""
    view = View()
    view.states(65_000, (enter(3, 1, 65_000), enter(4, 1, 65_000)))
    for tick in range(70_000, 300_000, 5_000):
        view.snapshot(tick & 0xFFFF, far(4, HERE))
    assert view.now == 295_000
    assert view.snapshot(295_001 & 0xFFFF, far(3, HERE)) == [Moved(3, 295_001, HERE, False)]
