"""Reports of failures that a person can copy and send: no paths, no identifiers of patients."""

from __future__ import annotations

import platform
import re
import traceback
from pathlib import PurePath

from medview import __version__
from medview.core.redaction import scrubbed

_NO_MODULE = re.compile(r"No module named '([\w.]+)'")
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


def import_failure(error: BaseException, package: str) -> str:
    """What importing a model raised, in a line: with its place, and what its author can do.

    Parameters
    ----------
    error : BaseException
    package : str
        Top-level name of what is imported.
    """
    if isinstance(error, FileNotFoundError) and isinstance(error.filename, str):
        # Before any series is there, what a package looks for is a file of its own.
        told = f"FileNotFoundError: there is no file '{PurePath(error.filename).name}'"
    else:
        told = f"{type(error).__name__}: {scrubbed(str(error))}".rstrip(": ")
    # A SyntaxError names its place itself.
    place = "" if isinstance(error, SyntaxError) else _place(error, package)
    told = f"{told} ({place})" if place else told
    hint = missing_module_hint(type(error).__name__, str(error), package)
    return f"{told}. {hint}" if hint else told


def missing_module_hint(kind: str, text: str, package: str = "") -> str:
    """What the author of a model can do about a module that is not there; else empty.

    Parameters
    ----------
    kind, text : str
        Name and text of an exception, which may be of another process.
    package : str
        Top-level name of the model's own package.
    """
    match = _NO_MODULE.match(text) if kind == "ModuleNotFoundError" else None
    if match is None:
        return ""
    name = match[1].partition(".")[0]
    if name == package:
        return f"Its author: '{scrubbed(match[1])}' is not in the package that was built"
    return f"Its author: add what brings '{scrubbed(name)}' to 'dependencies' in pyproject.toml"


def _place(error: BaseException, package: str) -> str:
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        parts = PurePath(frame.filename).parts
        if package in parts[:-1]:
            start = len(parts) - 1 - parts[::-1].index(package)
            return f"{'/'.join(parts[start:])}, line {frame.lineno}"
        if parts[-1] == f"{package}.py":
            return f"{parts[-1]}, line {frame.lineno}"
    return ""


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
