"""
Where wow_world_messages has a layout, or a bug, that servers and clients in the field do not.

Each names the disagreement and two public sources that have the other form.
"""

FACTS = "facts/wire_335.md section 4"
AZEROTH = "azerothcore/azerothcore-wotlk src/server/game/"
CMANGOS = "cmangos/mangos-wotlk src/game/"
MOVED = f"{AZEROTH}Handlers/MovementHandler.cpp and {CMANGOS}MotionGenerators/MovementHandler.cpp"
MOVERS = f"begins with the mover's packed guid: {MOVED} (HandleMovementOpcodes)"
ROOTED = f"begins with the mover's packed guid: {MOVED} (HandleMoveRootAck, HandleMoveUnRootAck)"
SPED = f"the guid is packed, as in its sisters: {MOVED} (HandleForceSpeedChangeAck)"
KEPT = f"{AZEROTH}Handlers/MiscHandler.cpp and {CMANGOS}Entities/MiscHandler.cpp"

SERVER_WAIVED = {
    "SMSG_WHO": f"class and race are u32: {FACTS}",
    "SMSG_FRIEND_STATUS": f"note and status block for results 6, 7, 2: {FACTS}",
    "SMSG_PARTY_COMMAND_RESULT": f"trailing u32: {FACTS}",
    "SMSG_CHANNEL_NOTIFY": f"you-joined and you-left carry more: {FACTS}",
    "SMSG_ACCOUNT_DATA_TIMES": f"u32 per mask bit; the package's reader takes u16: {FACTS}",
    "SMSG_ADDON_INFO": f"8 bytes an addon and a count; the package cannot read it: {FACTS}",
    "SMSG_AURA_UPDATE": "the caster's guid is there if flag 0x08 is clear, in the package if it is set; an "
    f"empty slot ends after its spell: {FACTS}, {AZEROTH}Spells/Auras/SpellAuras.cpp and "
    f"{CMANGOS}Spells/SpellAuras.cpp",
    "SMSG_CHANNEL_LIST": "begins with a u8, which the package takes for the name's first letter: "
    f"{AZEROTH}Chat/Channels/Channel.cpp and {CMANGOS}Chat/Channel.cpp (List)",
    "MSG_MOVE_ROOT": ROOTED,
    "MSG_MOVE_UNROOT": ROOTED,
    "SMSG_UPDATE_ACCOUNT_DATA": "begins with the character's guid, and has a time: "
    f"{KEPT} (HandleRequestAccountData)",
    "SMSG_GAMEOBJECT_QUERY_RESPONSE": "24 words of data, the package has 6: "
    f"{AZEROTH}Handlers/QueryHandler.cpp and "
    f"{CMANGOS}Entities/QueryHandler.cpp (HandleGameObjectQueryOpcode)",
}

CLIENT_WAIVED = {
    "CMSG_AUTH_SESSION": "the package unpacks the addon block, which we keep as it came: "
    f"{FACTS.replace('4', '3')}",
    "CMSG_UPDATE_ACCOUNT_DATA": "the package hides the size and the compression that we keep as they came: "
    f"{KEPT} (HandleUpdateAccountData)",
    "CMSG_GROUP_ACCEPT": f"some clients send a u32, the package none: {FACTS.replace('4', '3')}",
    "CMSG_REPOP_REQUEST": f"some clients send a u8, the package none: {FACTS.replace('4', '3')}",
    "CMSG_SET_WATCHED_FACTION": "the index is four bytes, the package has u16: "
    f"{AZEROTH}Handlers/CharacterHandler.cpp and "
    f"{CMANGOS}Entities/CharacterHandler.cpp (HandleSetWatchedFactionOpcode)",
    "CMSG_MOVE_FALL_RESET": MOVERS,
    "CMSG_MOVE_SET_FLY": MOVERS,
    "CMSG_MOVE_CHNG_TRANSPORT": MOVERS,
    "CMSG_FORCE_FLIGHT_SPEED_CHANGE_ACK": SPED,
    "CMSG_FORCE_FLIGHT_BACK_SPEED_CHANGE_ACK": SPED,
}

# Of these packets the package reads some forms and not others; tests draw only the former.
PARTLY_WAIVED = {
    "SMSG_ATTACKERSTATEUPDATE": "what was absorbed, or resisted, for either of two flags, in the package for "
    "both together; a word for 0x800000, in the package for 0x80000: "
    f"{AZEROTH}Entities/Unit/Unit.cpp and TrinityCore 3.3.5 src/server/game/Entities/Unit/Unit.cpp "
    "(SendAttackStateUpdate)",
    "SMSG_MESSAGECHAT": "its NamedGuid takes 4 bytes and answers another class; what creatures say "
    "has a name, the listener, and the listener's name unless it is nobody, a player or a pet: "
    f"{AZEROTH}Chat/Chat.cpp and {CMANGOS}Chat/Chat.cpp (BuildChatPacket)",
    "SMSG_MONSTER_MOVE": "a MONSTER_MOVE_STOP ends after its type: "
    f"{AZEROTH}Movement/Spline/MovementPacketBuilder.cpp "
    f"(WriteStopMovement) and {CMANGOS}Movement/MoveSplineInit.cpp (Stop); other spline flags: "
    f"{AZEROTH}Movement/Spline/MoveSplineFlag.h and {CMANGOS}Movement/MoveSplineFlag.h",
    "SMSG_NAME_QUERY_RESPONSE": "early_terminate 1 ends the packet: "
    f"{AZEROTH}Handlers/QueryHandler.cpp (SendNameQueryOpcode) and "
    f"{CMANGOS}Entities/QueryHandler.cpp (SendNameQueryResponse)",
    "SMSG_INITIAL_SPELLS": "a cooldown's spell is u32, in the package u16: "
    f"{AZEROTH}Entities/Player/Player.cpp and "
    f"{CMANGOS}Entities/Player.cpp (SendInitialSpells)",
    "SMSG_UPDATE_OBJECT": "a spline has two multipliers, an acceleration, a start time and a mode, "
    "a passenger has offsets: "
    f"{AZEROTH}Movement/Spline/MovementPacketBuilder.cpp and {CMANGOS}Movement/packet_builder.cpp "
    f"(WriteCreate), {AZEROTH}Entities/Object/Object.cpp and {CMANGOS}Entities/Object.cpp",
    "SMSG_CONTACT_LIST": "a friend's place for every status but 0, in the package for status 1: "
    f"{AZEROTH}Entities/Player/SocialMgr.cpp and {CMANGOS}Social/SocialMgr.cpp (SendSocialList)",
}

MANGOS = "mangos-zero and mangos-classic, which 1.12.1 clients play on"

# Of 1.12.1; what its clients send agrees but for a teleport's acknowledgement, of which both forms are read.
SERVER_WAIVED_5875 = {
    "SMSG_WHO": f"class and race are u32, no party status since 1.9: {MANGOS} (HandleWhoOpcode)",
    "SMSG_FORCE_MOVE_ROOT": f"the guid is packed, as in its sisters: {MANGOS}",
    "SMSG_FORCE_MOVE_UNROOT": f"the guid is packed, as in its sisters: {MANGOS}",
    "SMSG_FRIEND_STATUS": f"one who comes online brings status, area, level and class: {MANGOS}",
    "SMSG_CHANNEL_NOTIFY": f"the package has the beginning only: {MANGOS} (Channel::Make...)",
    "SMSG_GAMEOBJECT_QUERY_RESPONSE": f"24 words of data, the package has 6: {MANGOS}",
}
