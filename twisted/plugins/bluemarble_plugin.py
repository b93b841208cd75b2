"""`twistd bluemarble...`: one line a server, nothing else."""

from twisted.application.service import ServiceMaker

auth = ServiceMaker("BlueMarble auth", "bluemarble.servers.auth", "Logon and realm list.", "bluemarble-auth")
world = ServiceMaker("BlueMarble world", "bluemarble.servers.world", "A realm's world.", "bluemarble-world")
whole = ServiceMaker("BlueMarble", "bluemarble.servers.allinone", "Auth and world in one.", "bluemarble")
