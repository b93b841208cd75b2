"""`python -m bluemarble.tools.opcodes missing|list BUILD`: which opcodes of a build are defined."""

import click

import opcodes


@click.group()
def main() -> None:
    """Look things up in the opcode tables."""


@main.command()
@click.argument("build", type=int)
def missing(build: int) -> None:
    """List the opcodes of BUILD that have a name but no definition."""
    version = opcodes.version(build)
    lines = [
        f"0x{number:03X} {name}" for number, name in version.names.items() if number not in version.packets
    ]
    click.echo("\n".join([*lines, f"{len(lines)} of {len(version.names)} opcodes have no definition."]))


@main.command("list")
@click.argument("build", type=int)
def defined(build: int) -> None:
    """List the opcodes of BUILD that have a definition, with what it is for."""
    version = opcodes.version(build)
    for number, cls in version.packets.items():
        purpose = (cls.__doc__ or "").strip().partition("\n")[0]
        click.echo(f"0x{number:03X} {version.names[number]}: {purpose}")


if __name__ == "__main__":
    main()
