"""Who may connect, from where, and how fast."""

from twisted.internet.task import Clock

from bluemarble.servers.doors import Door


def opened(door, host, times):
    """How many of so many connections may be made."""
    return sum(door.opens(host) for _ in range(times))


def test_so_many_at_a_time():
    door = Door(Clock(), 10, 3, 1000)
    assert opened(door, "10.0.0.1", 5) == 3
    assert opened(door, "10.0.0.2", 5) == 3
    door.closes("10.0.0.1")
    assert opened(door, "10.0.0.1", 5) == 1
    assert opened(door, "127.0.0.1", 9) == 4
    assert door.total == 10
    assert not door.opens("::1")


def test_so_many_a_minute():
    clock = Clock()
    door = Door(clock, 10, 3, 5)
    for _ in range(5):
        assert door.opens("10.0.0.1")
        door.closes("10.0.0.1")
    assert not door.opens("10.0.0.1")
    assert door.opens("10.0.0.2")
    assert opened(door, "127.0.0.1", 7) == 7
    clock.advance(61)
    assert door.opens("10.0.0.1")


def test_a_customer_s_network_is_one_place():
    door = Door(Clock(), 100, 3, 1000)
    assert sum(door.opens(f"2001:db8:0:1::{n:x}") for n in range(50)) == 3
    assert door.opens("2001:db8:0:2::1")
    assert opened(door, "::ffff:10.0.0.1", 2) == opened(door, "10.0.0.2", 2) == 2
    assert not opened(door, "::ffff:10.0.0.1", 2) > 1
    door.closes("2001:db8:0:1::99")
    assert door.opens("2001:db8:0:1::77")


def test_nothing_is_kept_of_who_has_gone():
    clock = Clock()
    door = Door(clock, 100, 3, 1000)
    for n in range(200):
        host = f"10.0.0.{n}"
        assert door.opens(host)
        door.closes(host)
    clock.advance(60)
    door.opens("10.0.1.1")
    assert len(door._there) == len(door._came) == 1
