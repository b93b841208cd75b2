"""Every template of the world that we bring, as a client gets it when it asks what that is."""

import pytest
from twisted.logger import capturedLogs, formatEvent

import opcodes
from bluemarble.sim.effects import Send
from bluemarble.sim.handlers.query import item_info
from bluemarble.wire.codec import codec
from opcodes.query import (
    CMSG_CREATURE_QUERY,
    CMSG_GAMEOBJECT_QUERY,
    CMSG_ITEM_QUERY_SINGLE,
    CMSG_QUERY_TIME,
    SMSG_CREATURE_QUERY_RESPONSE,
    SMSG_GAMEOBJECT_QUERY_RESPONSE,
    SMSG_ITEM_QUERY_SINGLE_RESPONSE,
    SMSG_QUERY_TIME_RESPONSE,
)


@pytest.mark.parametrize(
    ("kept", "question", "answer"),
    [
        ("items", lambda entry: CMSG_ITEM_QUERY_SINGLE(item=entry), SMSG_ITEM_QUERY_SINGLE_RESPONSE),
        ("creatures", lambda it: CMSG_CREATURE_QUERY(creature=it, guid=0), SMSG_CREATURE_QUERY_RESPONSE),
        (
            "gameobjects",
            lambda entry: CMSG_GAMEOBJECT_QUERY(entry_id=entry, guid=0),
            SMSG_GAMEOBJECT_QUERY_RESPONSE,
        ),
    ],
)
def test_all(house, kept, question, answer):
    ada = house.player("ADA")
    entries = sorted(getattr(house.world.world.content, kept))
    ada.forget()
    for entry in entries:
        ada.send(question(entry))
        house.ticks(1)
    ada.listen()
    assert len(entries) > 10
    assert [packet.found is not None for packet in ada.got(answer)] == [True] * len(entries)
    assert not house.gateway.counts["errors"]


def test_items_of_5875(house):
    version = opcodes.version(5875)
    layout = codec(version.layout(SMSG_ITEM_QUERY_SINGLE_RESPONSE))
    for entry, row in house.world.world.content.items.items():
        packet = SMSG_ITEM_QUERY_SINGLE_RESPONSE(item=entry, found=item_info(row))
        for form in version.forms(packet):
            assert layout.decode(layout.encode(form)).item == entry


def test_an_answer_that_cannot_be_said(house):
    """A mistake of ours in one packet costs that packet, and nobody else's."""
    ada, bob = house.player("ADA"), house.player("BOB")
    ada.forget()
    bob.forget()
    wrong = SMSG_ITEM_QUERY_SINGLE_RESPONSE(item="?", found=None)
    step = house.world.world.step
    house.world.world.step = lambda inputs: [Send((ada.session.number,), wrong), *step(inputs)]
    bob.send(CMSG_QUERY_TIME())
    with capturedLogs() as lines:
        house.ticks(1)
    house.world.world.step = step
    bob.listen()
    assert bob.got(SMSG_QUERY_TIME_RESPONSE) and not ada.gone
    assert house.gateway.counts.pop("errors") == 1
    assert any("carrying out SMSG_ITEM_QUERY_SINGLE_RESPONSE" in formatEvent(line) for line in lines)
