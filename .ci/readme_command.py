"""Print the command that follows a marker in README.md.

    python3 .ci/readme_command.py test-command

A marked block is ``<!-- NAME -->``, then a fenced block with one command. CI and the
tests run what this prints, so the README can't promise anything else.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def command(marker: str, text: str) -> str:
    """Return the command in the fenced block right after the marker.

    Raises:
        SystemExit: The marker is not there exactly once, or no block follows it.
    """
    block = rf"^<!-- {re.escape(marker)} -->\n+```\w*\n(.+?)\n```$"
    found = re.findall(block, text, re.DOTALL | re.MULTILINE)
    if len(found) != 1:
        sys.exit(f"README.md: {len(found)} blocks marked <!-- {marker} -->, 1 wanted")
    return str(found[0])


if __name__ == "__main__":
    sys.stdout.write(command(sys.argv[1], README.read_text(encoding="utf-8")) + "\n")
