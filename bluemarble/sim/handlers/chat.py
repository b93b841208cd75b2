"""Speaking to those around: say, yell, emote.  What has no place goes to the society."""

from bluemarble.sim import burst, commands
from bluemarble.sim.effects import SOCIETY
from bluemarble.sim.entity import Player
from bluemarble.sim.fields import PLAYER_FLAG_AFK, PLAYER_FLAG_DND, PLAYER_FLAG_GM, PLAYER_FLAGS
from bluemarble.sim.handling import handler
from bluemarble.sim.speech import chat_tag, speakable, tongue
from bluemarble.sim.zone import Zone
from opcodes.chat import (
    CHAT_MSG_AFK,
    CHAT_MSG_CHANNEL,
    CHAT_MSG_DND,
    CHAT_MSG_EMOTE,
    CHAT_MSG_GUILD,
    CHAT_MSG_SAY,
    CHAT_MSG_WHISPER,
    CHAT_MSG_YELL,
    CMSG_MESSAGECHAT,
    LANG_ADDON,
    LANG_UNIVERSAL,
    SMSG_CHAT_RESTRICTED,
    SMSG_MESSAGECHAT,
)

SOCIAL = (CHAT_MSG_WHISPER, CHAT_MSG_CHANNEL, CHAT_MSG_AFK, CHAT_MSG_DND)
SQUELCHED = 2  # of SMSG_CHAT_RESTRICTED


@handler
def speak(zone: Zone, player: Player, message: CMSG_MESSAGECHAT) -> None:
    """Sort a line by how it is spoken; one that is empty, broken or by a muted player goes nowhere."""
    kind = message.chat_type
    if kind in SOCIAL:
        if kind in (CHAT_MSG_AFK, CHAT_MSG_DND):
            away(zone, player, kind, message.message)
        elif not may_speak(zone, player):
            return
        zone.tell(SOCIETY, player.session, message)
        return
    line = message.message.strip()
    if not speakable(line, zone.rules.message_limit_bytes):
        zone.count("chat_refused")
        return
    if kind in (CHAT_MSG_SAY, CHAT_MSG_GUILD) and commands.run(zone, player, line):
        return
    if kind not in RANGES or message.language == LANG_ADDON:
        zone.count("chat_refused")
        return
    if not may_speak(zone, player) or not in_pace(zone, player):
        return
    said = SMSG_MESSAGECHAT(
        chat_type=kind,
        language=tongue_heard(zone, player, message),
        sender=player.guid,
        target=0,
        message=line,
        tag=chat_tag(player.character.playerFlags),
    )
    zone.send_nearby(player, said, radius_yards=getattr(zone.rules, RANGES[kind]), myself=True)


RANGES = {CHAT_MSG_SAY: "say_yards", CHAT_MSG_YELL: "yell_yards", CHAT_MSG_EMOTE: "emote_yards"}


def tongue_heard(zone: Zone, player: Player, message: CMSG_MESSAGECHAT) -> int:
    """The language that others hear a line in: emotes and game masters are understood by all."""
    if message.chat_type == CHAT_MSG_EMOTE or player.character.playerFlags & PLAYER_FLAG_GM:
        return LANG_UNIVERSAL
    if zone.rules.cross_faction_chat:
        return LANG_UNIVERSAL
    return tongue(player.character.race, message.language)


def may_speak(zone: Zone, player: Player) -> bool:
    """Whether the player is not muted; one that is, is told."""
    if player.muted_until <= zone.unix_s():
        return True
    zone.count("chat_muted")
    zone.send(player, SMSG_CHAT_RESTRICTED(restriction=SQUELCHED))
    return False


def in_pace(zone: Zone, player: Player) -> bool:
    """Whether the player does not speak, or gesture, too often; what is over goes nowhere."""
    burst, every_ms = zone.rules.speak_pace
    until_ms = max(player.spoken_ms, zone.now_ms)
    if until_ms - zone.now_ms > (burst - 1) * every_ms:
        zone.count("chat_over_pace")
        return False
    player.spoken_ms = until_ms + every_ms
    return True


def away(zone: Zone, player: Player, kind: int, line: str) -> None:
    """Away, or not to be disturbed: set by any line, changed by another, ended by an empty one."""
    flag, other = (
        (PLAYER_FLAG_AFK, PLAYER_FLAG_DND) if kind == CHAT_MSG_AFK else (PLAYER_FLAG_DND, PLAYER_FLAG_AFK)
    )
    who = player.character
    if who.playerFlags & flag and not line:
        who.playerFlags &= ~flag
    elif not who.playerFlags & flag:
        who.playerFlags = who.playerFlags & ~other | flag
    zone.change(player, PLAYER_FLAGS, who.playerFlags)
    zone.tell(SOCIETY, player.session, burst.membership(zone, player, entered=0))
