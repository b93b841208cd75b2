"""A small session as a capturer would note it, and the command that reads it."""

import io
import json

from click.testing import CliRunner

import opcodes
from bluemarble.tools.console import main
from bluemarble.wire.captures import pcapng
from bluemarble.wire.captures.record import Captured
from bluemarble.wire.codec import codec
from opcodes.chat import CMSG_MESSAGECHAT
from opcodes.query import CMSG_NAME_QUERY
from opcodes.session import CMSG_PING, SMSG_PONG

START_US = 1_800_000_000_000_000


def captured(packet, at_ms=0, connection=1, build=12340, **more):
    """As a capturer would note it."""
    version = opcodes.version(build) if build else opcodes.native()
    cls = type(packet)
    number = version.numbers[cls]
    from_client = version.sent.get(number) is not cls
    body = codec(version.layout(cls, received=from_client)).encode(packet)
    return Captured(START_US + round(at_ms * 1000), from_client, connection, number, body, build, **more)


def ping(number, at_ms, connection=1):
    return captured(CMSG_PING(sequence_id=number, round_time_in_ms=30), at_ms, connection)


def pong(number, at_ms, connection=1):
    return captured(SMSG_PONG(sequence_id=number), at_ms, connection)


SESSION = [
    ping(1, 0),
    pong(1, 10),
    captured(
        CMSG_MESSAGECHAT(chat_type=1, language=7, message="hi\x1b[2J there"), 500, comment="said\x07 so"
    ),
    ping(2, 1000),
    ping(9, 1000, 2),
    pong(9, 1020, 2),
    pong(2, 1030),
    captured(CMSG_NAME_QUERY(guid=77), 2000),
    Captured(START_US + 2_500_000, True, 2, 0x1DC, b"\1"),
    Captured(START_US + 2_600_000, False, 2, 0x51F_FFFF, b"\xab" * 200),
]


def written(packets, **options):
    out = io.BytesIO()
    writer = pcapng.Writer(out, **options)
    for packet in packets:
        writer.write(packet)
    return out.getvalue()


def run(*arguments, code=0):
    result = CliRunner().invoke(main, ["packets", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result


def names(*arguments):
    """Of the packets that are shown."""
    return [json.loads(line)["name"] for line in run(*arguments, "--json").stdout.splitlines()]
