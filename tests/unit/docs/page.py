"""Runs the fenced blocks of a page of documentation, one after the other, as a reader would."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_NOWHERE = "http://127.0.0.1:9"
_FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, the words behind it and its text."""

    language: str
    options: tuple[str, ...]
    text: str

    @property
    def file(self) -> str | None:
        """The file that it shows or changes."""
        named = [o.removeprefix("file=") for o in self.options if o.startswith("file=")]
        return named[0] if named else None


def blocks(page: str) -> Iterator[Block]:
    """Every fenced block of a page, in order."""
    for match in _FENCE.finditer(page):
        yield Block(match[1], tuple(match[2].split()), match[3])


def follow_offline(page: Iterable[Block], folder: Path) -> Path:
    """Follow blocks in `folder` as a person without any network does, and return it."""
    environ = {
        **os.environ,
        "MEDVIEW_HOME": str(folder / "home"),
        "PIP_INDEX_URL": _NOWHERE,
        **dict.fromkeys(("http_proxy", "https_proxy"), _NOWHERE),
    }
    for block in page:
        follow(block, folder, environ)
    return folder


def follow(block: Block, folder: Path, environ: Mapping[str, str]) -> str:
    """Do what a block says, in `folder`, and return what was printed.

    Shell blocks are run line by line, files are compared (``same``), written, or changed by a
    diff whose old lines must be there exactly once, and run (``run``).
    """
    if block.language == "sh":
        return "".join(_medview(line, folder, environ) for line in block.text.splitlines())
    assert block.file is not None, f"Nobody knows what to do with: {block.text[:60]}"
    path = folder / block.file
    if block.language == "diff":
        _change(path, block.text)
    elif "same" in block.options:
        assert path.read_text(encoding="utf-8") == block.text
    else:
        path.write_text(block.text, encoding="utf-8")
    if "run" in block.options:
        return _run([sys.executable, str(path)], folder, environ)
    return ""


def _medview(line: str, folder: Path, environ: Mapping[str, str]) -> str:
    command, *arguments = shlex.split(line)
    assert command == "medview", line
    return _run([sys.executable, "-m", "medview", *arguments], folder, environ)


def _run(command: list[str], folder: Path, environ: Mapping[str, str]) -> str:
    ended = subprocess.run(
        command,
        cwd=folder,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert ended.returncode == 0, f"{command[1:]}: {ended.stdout}{ended.stderr}"
    return ended.stdout


def _change(path: Path, diff: str) -> None:
    lines = diff.splitlines(keepends=True)
    old = "".join(line[1:] for line in lines if line[0] in " -")
    new = "".join(line[1:] for line in lines if line[0] in " +")
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path.name} has no such lines:\n{old}"
    path.write_text(text.replace(old, new), encoding="utf-8")
