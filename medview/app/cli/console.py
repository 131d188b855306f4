"""Where commands speak: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Any, TextIO

from medview.core.printable import printable

if TYPE_CHECKING:
    from medview.core.progress import ProgressFn


def result(text: str) -> None:
    """Write lines to standard output; what files and models say in them steers no terminal."""
    sys.stdout.write(f"{printable(text)}\n")
    sys.stdout.flush()


def document(data: Mapping[str, Any]) -> None:
    """Write one JSON document to standard output.

    In ASCII, so that no console encoding can refuse a name.
    """
    result(json.dumps(data, indent=2, ensure_ascii=True, allow_nan=False))


def remark(text: str) -> None:
    """Write a message for people to standard error."""
    sys.stderr.write(f"{printable(text)}\n")
    sys.stderr.flush()


@contextmanager
def working(title: str, *, stream: TextIO | None = None) -> Iterator[ProgressFn]:
    """Show progress while the block runs: a bar on a terminal, nothing in a pipe.

    What libraries and models print meanwhile goes to standard error, so that
    standard output holds the result alone.

    Parameters
    ----------
    title : str
        The stage before the first one is told.
    stream : text stream, optional
        Where the bar is drawn; standard error by default.

    Returns
    -------
    context manager of ProgressFn
        The function may be called from any thread.
    """
    from medview.core.progress import ignore_progress

    target = stream or sys.stderr
    with redirect_stdout(sys.stderr):
        if not target.isatty():
            yield ignore_progress
            return
        with _bar(title, target) as progress:
            yield progress


@contextmanager
def _bar(title: str, target: TextIO) -> Iterator[ProgressFn]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    # markup off: a stage comes from a model, and brackets in it are no commands.
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(file=target), transient=True) as bar:
        task = bar.add_task(title, total=None)

        def progress(fraction: float | None, text: str = "") -> None:
            total = None if fraction is None else 1.0
            bar.update(
                task, total=total, completed=fraction or 0.0, description=printable(text) or title
            )

        yield progress


def make_streams_forgiving() -> None:
    """Let a console that lacks a letter show an escape in its place, and never fail."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
