"""Reports of failures that a person can copy and send: no paths, no identifiers of patients."""

from __future__ import annotations

import platform
import re
import traceback
from pathlib import PurePath

from medview import __version__
from medview.core.redaction import scrubbed

_FRAME = "  {file}, line {line}, in {function}"
_DUMPED_FRAME = re.compile(r'File "([^"\n]+\.py)", line (\d+) in ')


def traceback_without_paths(error: BaseException) -> str:
    """The traceback of `error` and its causes: file names without folders, no source lines."""
    parts: list[str] = []
    current: BaseException | None = error
    seen: set[int] = set()
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        lines = [
            _FRAME.format(file=_short(f.filename), line=f.lineno, function=f.name)
            for f in traceback.extract_tb(current.__traceback__)
        ]
        lines.append(f"{type(current).__name__}: {scrubbed(str(current))}".rstrip(": "))
        parts.append("\n".join(lines))
        current = current.__cause__ or (
            None if current.__suppress_context__ else current.__context__
        )
    return "\n\nThe above happened because of it:\n\n".join(reversed(parts))


def dump_without_paths(text: str) -> str:
    """What the interpreter prints when it crashes (`faulthandler`), cleaned as a traceback is.

    Parameters
    ----------
    text : str
        The last that a process printed, crash or not; anything that identifies is taken out.
    """
    return scrubbed(
        _DUMPED_FRAME.sub(lambda frame: f"{_short(frame[1])}, line {frame[2]}, in ", text)
    )


def _short(filename: str) -> str:
    return "/".join(PurePath(filename).parts[-2:]).lstrip("/")


def failure_report(what: str, model: str, distribution: str, version: str, problem: str) -> str:
    """A report of several lines, to be copied.

    Parameters
    ----------
    what : str
        The stage that failed, e.g. ``"loading"``.
    model, distribution, version : str
        Which model.
    problem : str
        Sentences or a traceback, already without paths.
    """
    return "\n".join(
        (
            f"medview {__version__}, Python {platform.python_version()}, "
            f"{platform.system()} {platform.machine()}",
            f"Model {model} from {distribution} {version}: {what} failed.",
            "",
            problem,
        )
    )
