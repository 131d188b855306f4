"""Files stay short enough to read at one sitting: none over 400 lines."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

LIMIT = 400
FOLDERS = ("medview", "plugins", "tests", "packaging")


def too_long(root: Path, folders: Iterable[str] = FOLDERS) -> list[tuple[Path, int]]:
    """Python files over the limit, with their number of lines."""
    found = []
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            lines = len(path.read_text("utf-8").splitlines())
            if lines > LIMIT:
                found.append((path.relative_to(root), lines))
    return found


def main() -> int:
    """Name the long files; 1 if there is one."""
    found = too_long(Path(__file__).resolve().parent.parent)
    for path, lines in found:
        print(f"{path.as_posix()}: {lines} lines, the limit is {LIMIT}: split it by jobs")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
