"""Two who walk, talk, whisper and ask, captured by the server: what there is to be played again."""

from bluemarble.wire.captures import formats
from opcodes.chat import CHAT_MSG_SAY, CHAT_MSG_WHISPER, CMSG_MESSAGECHAT
from opcodes.movement import MSG_MOVE_HEARTBEAT, MSG_MOVE_START_FORWARD, MSG_MOVE_STOP
from opcodes.query import CMSG_NAME_QUERY


def talk(house, folder):
    """Their packets, in the order of time; `folder` is the house's."""
    for account in ("ADA", "BOB"):
        house.gateway.orders.follow(["capture", "begin", account], "a test")
    ada, bob = house.player("ADA", "Ada"), house.player("BOB", "Bob")
    house.ticks(5)
    ada.send(step(ada, MSG_MOVE_START_FORWARD, 0.0))
    for _ in range(4):
        house.ticks(10)
        ada.send(step(ada, MSG_MOVE_HEARTBEAT, 3.0))
    house.ticks(2)
    ada.send(step(ada, MSG_MOVE_STOP, 0.0))
    house.ticks(5)
    ada.send(say("good evening, Bob"), CMSG_NAME_QUERY(guid=bob.guid))
    bob.send(say("and to you", CHAT_MSG_WHISPER, target_player="Ada"))
    house.ticks(10)
    for client in (ada, bob):
        client.hang_up()
    house.seconds(30)
    house.gateway.taps.close()
    packets = []
    for file in sorted((folder / "captures").iterdir()):
        with file.open("rb") as opened:
            packets += formats.reader(opened)
    return sorted(packets, key=lambda it: it.time_us)


def step(client, kind, away):
    number, zones = client.session.number, client.house.world.world.zones
    body = next(zone.players[number] for zone in zones.values() if number in zone.players)
    return kind(
        guid=client.guid,
        flags=1,
        flags2=0,
        timestamp=1000,
        x=body.x + away,
        y=body.y,
        z=body.z,
        orientation=0.0,
        fall_time=0,
    )


def say(line, chat_type=CHAT_MSG_SAY, **fields):
    return CMSG_MESSAGECHAT(chat_type=chat_type, language=7, message=line, **fields)
