"""What an operator writes is what the server uses, and what is wrong is said in words."""

import dataclasses

import pytest

from bluemarble import config
from bluemarble.config import ConfigError, document, load
from bluemarble.servers.options import FLAGS
from bluemarble.sim.rules import Rules


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A file to be filled, and an environment without settings of ours."""
    for name in list(config.os.environ):
        if name.upper().startswith(config.ENVIRONMENT):
            monkeypatch.delenv(name)
    return tmp_path / "bluemarble.toml"


def test_document_is_the_default(file):
    """The file that `init` writes says every key, explains it, and changes nothing."""
    file.write_text(document())
    assert load(file).model_dump() == config.Config().model_dump()
    lines = document().splitlines()
    for name, section in config.SECTIONS.items():
        start = lines.index(f"[{name}]")
        for key, field in section.model_fields.items():
            assert field.description, f"{name}.{key} is not explained"
            at = next(n for n, line in enumerate(lines) if n > start and line.startswith(f"#{key} = "))
            assert lines[at - 1] == f"# {field.description}"


def test_document_uncommented(file):
    """Taking every # away gives the same again: the defaults are written as TOML."""
    text = "\n".join(
        line[1:] if line[:1] == "#" and line[1:2] != " " else line for line in document().splitlines()
    )
    file.write_text(text)
    assert load(file).model_dump() == config.Config().model_dump()


def test_later_wins(file, monkeypatch):
    """Flags before environment before file before default."""
    file.write_text('[world]\nport = 1\nrealm_name = "Filed"\n[auth]\nport = 1\n')
    monkeypatch.setenv("BLUEMARBLE__WORLD__PORT", "2")
    monkeypatch.setenv("BLUEMARBLE__AUTH__PORT", "2")
    found = load(file, {"world": {"port": 3, "realm_address": None}})
    assert (found.world.port, found.auth.port, found.world.realm_name) == (3, 2, "Filed")
    assert found.world.realm_address == "127.0.0.1"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[world]\nprot = 1\n", ["world.prot", "did you mean port?"]),
        ("[wrold]\nport = 1\n", ["wrold", "did you mean world?"]),
        ("[world]\nqqqq = 1\n", ["world.qqqq", "there are port, port_5875"]),
        ("[world]\nport = 70000\n", ["world.port", "70000"]),
        ('[world]\nport = "a"\n', ["world.port", "'a'"]),
        ("[world\n", ["not TOML"]),
        ("[world]\nbuilds = [1]\n", ["world.builds"]),
        ('[log]\nlevel = "loud"\n', ["log.level", "loud"]),
        ('[rules]\nmotd = "hello"\n', ["rules.motd", "list", "'hello'"]),
        ("[world]\naddresses = []\n", ["world.addresses", "at least 1"]),
        ('[world]\nrealm_address = "192.0.2.1:8085"\n', ["world.realm_address", "without port"]),
        ("[world]\nrealm_id = 2\n", ["world: realm_id and realm_id_5875 are the same"]),
        ("[world]\nport_5875 = 8085\n", ["world: port and port_5875 are the same"]),
        ("[world]\nbuilds = [5875, 5875]\n", ["world: builds: one is named twice"]),
        ("[rules]\nsight_yards = 120\n", ["rules: sight_leave_yards is less than sight_yards"]),
        ("[rules]\nsave_interval_ms = 0\n", ["rules.save_interval_ms", "50"]),
        ("[rules]\ntime_sync_ms = 49\n", ["rules.time_sync_ms", "50"]),
        ("[databases]\nreaders_min = 9\n", ["databases: readers_max is less than readers_min"]),
        ("port = 1\n", ["port: no such section"]),
    ],
)
def test_mistakes(file, text, words):
    """Each mistake is named with its place and, if it is a slip, with what was meant."""
    file.write_text(text)
    with pytest.raises(ConfigError) as error:
        load(file)
    for word in [*words, str(file)]:
        assert word in str(error.value)


def test_all_mistakes_at_once(file):
    """One line each."""
    file.write_text("[world]\nprot = 1\nport = -1\n[nothing]\n")
    with pytest.raises(ConfigError) as error:
        load(file)
    assert len(str(error.value).splitlines()) == 3


def test_a_mistake_is_where_it_was_made(file, monkeypatch):
    """Neither a flag's mistake nor a variable's is the file's."""
    file.write_text("[world]\nport = -5\n")
    monkeypatch.setenv("BLUEMARBLE__AUTH__PORT", "x")
    with pytest.raises(ConfigError) as error:
        load(file, {"world": {"realm_address": "a b"}})
    assert sorted(line.partition(": ")[0] for line in str(error.value).splitlines()) == sorted(
        ["BLUEMARBLE__AUTH__PORT in the environment", "on the command line", str(file)]
    )


def test_a_list_in_the_environment(file, monkeypatch):
    """It is JSON; what is not says so."""
    monkeypatch.setenv("BLUEMARBLE__RULES__MOTD", '["One.", "Two."]')
    assert load(None).rules.motd == ("One.", "Two.")
    monkeypatch.setenv("BLUEMARBLE__RULES__MOTD", "One.")
    with pytest.raises(ConfigError, match="BLUEMARBLE__RULES__MOTD in the environment: a list is written as"):
        load(None)


@pytest.mark.parametrize(
    "name",
    ["BLUEMARBLE__WORLD__PROT", "BLUEMARBLE__WRLD__PORT", "BLUEMARBLE_WORLD_PORT", "BLUEMARBLE__WORLDS"],
)
def test_mistaken_environment(file, monkeypatch, name):
    """A misspelt variable is not passed over."""
    monkeypatch.setenv(name, "1")
    with pytest.raises(ConfigError, match="did you mean"):
        load(None)


def test_missing_file(file):
    """It says how to make one."""
    with pytest.raises(ConfigError, match="bluemarble init"):
        load(file)


def test_sqlite_beside_the_file(file):
    """Relative paths start where the file is, wherever the server is started."""
    file.write_text("")
    found = load(file)
    assert found.database("auth") == f"sqlite:///{file.parent / 'auth.sqlite'}"
    assert load(file, {"databases": {"auth": "mysql://u:p@h:1/n"}}).database("auth") == "mysql://u:p@h:1/n"


def test_rules_are_the_simulations(file):
    """[rules] has every rule but the realm's number, with the same default."""
    rules = dataclasses.asdict(Rules())
    del rules["realm_id"]
    assert config.Config().rules.model_dump() == rules


def test_flags_lead_somewhere():
    """Every flag is a key of the file."""
    for section, key, _ in FLAGS.values():
        assert key in config.SECTIONS[section].model_fields
