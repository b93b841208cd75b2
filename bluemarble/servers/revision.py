"""Which software this is: by itself, for programs that start often and need little else."""

from importlib.metadata import PackageNotFoundError, version


def revision() -> str:
    """Of this software, for people."""
    try:
        return version("bluemarble")
    except PackageNotFoundError:
        return "unpacked"
