"""
What an operator may set: bluemarble.toml, then the environment, then flags; each later one wins.

`BLUEMARBLE__WORLD__PORT=8086` in the environment sets `port` of `[world]`;
lists are written as JSON there.  Every key has a default and says what it is
for; a key that does not exist is refused.
"""

import difflib
import json
import os
import pathlib
import tomllib
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from bluemarble.settings import (
    Auth,
    Capture,
    Databases,
    Journal,
    Limits,
    Log,
    Metrics,
    RealmRow,
    Rules,
    Section,
    Udp,
    World,
)

__all__ = ["ENVIRONMENT", "FILE", "SECTIONS", "Config", "ConfigError", "RealmRow", "document", "load"]

FILE = "bluemarble.toml"
ENVIRONMENT = "BLUEMARBLE__"


class ConfigError(ValueError):
    """The configuration cannot be used; the message has a line for each thing that is wrong."""


class Config(BaseSettings):
    """Everything an operator may set, and the directory that relative paths start from."""

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    auth: Auth = Auth()
    world: World = World()
    udp: Udp = Udp()
    rules: Rules = Rules()
    databases: Databases = Databases()
    journal: Journal = Journal()
    capture: Capture = Capture()
    limits: Limits = Limits()
    log: Log = Log()
    metrics: Metrics = Metrics()
    directory: str = Field(".", exclude=True)

    def path(self, relative: str) -> pathlib.Path:
        """A path of the file's, from where the file is."""
        return pathlib.Path(self.directory) / relative

    def database(self, name: Literal["auth", "characters", "world"]) -> str:
        """A database's URL, its SQLite path made absolute."""
        url: str = getattr(self.databases, name)
        kind, slashes, path = url.partition(":///")
        if kind != "sqlite" or path in ("", ":memory:"):
            return url
        return f"{kind}{slashes}{self.path(path).absolute()}"


SECTIONS: dict[str, type[Section]] = {
    name: field.annotation
    for name, field in Config.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
}


# A slip that would go unnoticed: with one underscore it is no variable of ours.
MEANT = {
    f"BLUEMARBLE_{section}_{key}".upper(): f"{ENVIRONMENT}{section}__{key}".upper()
    for section, keys in SECTIONS.items()
    for key in keys.model_fields
}


def load(file: pathlib.Path | None = None, flags: Mapping[str, Mapping[str, Any]] | None = None) -> Config:
    """
    The configuration.

    @param file: bluemarble.toml; None for defaults, environment and flags alone.
    @param flags: section to key to value; a value of None was not given.
    @raise ConfigError: what is wrong, and where.
    """
    given = {
        section: {key: value for key, value in keys.items() if value is not None}
        for section, keys in (flags or {}).items()
    }
    _known_environment()

    class Loaded(Config):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            sources = (init_settings, env_settings)  # flags win over the environment, that over the file
            return (*sources, TomlConfigSettingsSource(settings_cls, toml_file=file)) if file else sources

    if file and not file.is_file():
        raise ConfigError(f"{file}: no such file; `bluemarble init {file.parent}` makes one")
    directory = str(file.parent) if file else "."
    try:
        return Loaded(
            **{section: keys for section, keys in given.items() if keys},  # type: ignore[arg-type]
            directory=directory,
        )
    except ValidationError as error:
        raise ConfigError("\n".join(_explain(each, file, given) for each in error.errors())) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: not TOML: {error}") from None
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}") from None


def document() -> str:
    """The default bluemarble.toml: every key, what it is for, and its default, commented out."""
    lines = [
        "# BlueMarble.  Every key is shown with its default; take the # away to change one.",
        f"# The environment ({ENVIRONMENT}SECTION__KEY) and flags win over this file.",
    ]
    for name, section in SECTIONS.items():
        about = (section.__doc__ or "").strip().splitlines()
        lines += ["", *(f"# {line.strip()}".rstrip() for line in about), f"[{name}]"]
        for key, field in section.model_fields.items():
            lines += [f"# {field.description}", f"#{key} = {_toml(field.default)}"]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    return json.dumps(list(value) if isinstance(value, tuple) else value)


def _known_environment() -> None:
    """The settings library passes over variables it does not know; a misspelt one should be told."""
    for name in sorted(os.environ):
        if name.upper().startswith(ENVIRONMENT):
            section, _, key = name[len(ENVIRONMENT) :].lower().partition("__")
            where = f"{name} in the environment"
            if section not in SECTIONS:
                raise ConfigError(f"{where}: no such section{_suggestion(section, SECTIONS)}")
            if key not in (known := SECTIONS[section].model_fields):
                raise ConfigError(f"{where}: no such key{_suggestion(key, known)}")
            if isinstance(known[key].default, tuple):
                try:
                    json.loads(os.environ[name])
                except ValueError:
                    raise ConfigError(
                        f"{where}: a list is written as JSON: {_toml(known[key].default)}"
                    ) from None
        elif name.upper() in MEANT:
            raise ConfigError(f"{name} in the environment: did you mean {MEANT[name.upper()]}?")


def _explain(error: ErrorDetails, file: pathlib.Path | None, flags: Mapping[str, Mapping[str, Any]]) -> str:
    """One mistake, beginning with where it was made."""
    place = [str(part) for part in error["loc"]]
    section, key = (*place, "", "")[:2]
    variable = f"{ENVIRONMENT}{section}__{key}".upper()
    where = f"{file}: " if file else ""
    if key in flags.get(section, {}):
        where = "on the command line: "
    elif key and variable in map(str.upper, os.environ):
        where = f"{variable} in the environment: "
    where += ".".join(place)
    if error["type"] == "extra_forbidden":
        known = SECTIONS[section].model_fields if key and section in SECTIONS else SECTIONS
        return f"{where}: no such {'key' if key else 'section'}{_suggestion(place[-1], known)}"
    said = error["msg"].removeprefix("Value error, ").replace("Tuple", "List").replace("tuple", "list")
    return f"{where}: {said}" + (f" (it is {error['input']!r})" if key else "")


def _suggestion(wrong: str, known: Mapping[str, Any]) -> str:
    close = difflib.get_close_matches(wrong, known, 1)
    return f"; did you mean {close[0]}?" if close else f"; there are {', '.join(known)}"
