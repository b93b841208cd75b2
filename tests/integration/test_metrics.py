"""The page that Prometheus asks for."""

from twisted.internet.address import IPv4Address
from twisted.internet.testing import StringTransport


def ask(house, path):
    """Status line and body."""
    [(port, factory, _, host)] = [it for it in house.clock.tcpServers if it[0] == 9108]
    assert (port, host) == (9108, "127.0.0.1")
    channel = factory.buildProtocol(IPv4Address("TCP", "127.0.0.1", 50000))
    transport = StringTransport()
    channel.makeConnection(transport)
    channel.dataReceived(f"GET {path} HTTP/1.0\r\n\r\n".encode())
    head, _, body = transport.value().decode().partition("\r\n\r\n")
    return head.partition("\r\n")[0], body.splitlines()


def test_page(quays):
    """Ticks, players, what happened, and UDP; and nothing else."""
    quay = quays(metrics={"port": 9108})
    ada = quay.sailor("ADA")
    quay.player("BOB")
    ada.at = (ada.at[0] + 500.0, *ada.at[1:])
    quay.ticks(3)
    status, lines = ask(quay, "/metrics")
    assert status == "HTTP/1.0 200 OK"
    assert {
        "bluemarble_sessions 2.0",
        "bluemarble_players 2.0",
        "bluemarble_strain 0.0",
        "bluemarble_late_ticks_total 0.0",
        f"bluemarble_tick_seconds_count {float(quay.world.world.tick)}",
        'bluemarble_events_total{kind="move_too_fast"} 1.0',
        "bluemarble_udp_attached 1.0",
        "bluemarble_udp_forged_total 0.0",
    } <= set(lines)
    assert ask(quay, "/")[0] == "HTTP/1.0 404 Not Found"


def test_off(house):
    """Unless there is a port."""
    assert {it[3] for it in house.clock.tcpServers} == {"0.0.0.0", "::"}
