"""A process that answers each line of JSON with one."""

import json
import subprocess
import sys
from typing import Any


class Child:
    """
    A module that is run as a program.

    @param command: its name and its arguments.
    """

    def __init__(self, *command: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, order: dict[str, Any]) -> Any:
        """
        Its answer.

        @raise ChildProcessError: it has ended.
        """
        assert self.process.stdin
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self) -> Any:
        """
        Its next line.

        @raise ChildProcessError: it has ended.
        """
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise ChildProcessError(f"{self.process.args!r} ended")
        return json.loads(line)

    def stop(self) -> None:
        """Lets it end, if it has not."""
        if self.process.returncode is not None:
            return
        assert self.process.stdin
        assert self.process.stdout
        try:
            self.process.stdin.write('{"stop": true}\n')
            self.process.stdin.close()
            self.process.wait(30)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
