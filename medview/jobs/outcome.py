"""How a job ended: `Done`, `Failed` or `WasCancelled`; reports hold no identifiers or paths."""

from __future__ import annotations

import re
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from medview.core.errors import MedviewError
from medview.core.redaction import scrubbed

if TYPE_CHECKING:
    from collections.abc import Iterator

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Report:
    """A failure, fit to be logged and copied.

    Attributes
    ----------
    code : str
        Stable identifier; ``"unexpected"`` for anything that is no `MedviewError`.
    message : str
        One or two sentences for people.
    details : str
        Exception types and the frames they passed, innermost last, one a line;
        files by name only.
    """

    code: str
    message: str
    details: str = ""


@dataclass(frozen=True, slots=True)
class Done(Generic[T_co]):
    """The work returned `value`."""

    value: T_co


@dataclass(frozen=True, slots=True)
class Failed:
    """The work raised; `report` says what, `error` is what it raised."""

    report: Report
    error: BaseException


@dataclass(frozen=True, slots=True)
class WasCancelled:
    """The work was stopped before it gave a result."""


def report_of(error: BaseException) -> Report:
    """Describe an exception without paths, dates, UIDs or names of patients.

    The text of a `MedviewError` is free of them by contract. Any other text
    comes from a model or a library, so whatever looks like an identifier is
    struck out.
    """
    if isinstance(error, MedviewError):
        code, message = error.code, error.message
    elif isinstance(error, SystemExit):
        code, message = "unexpected", "The work tried to end the whole program and was stopped."
    else:
        code = "unexpected"
        message = f"{type(error).__name__}: {redacted(str(error))}".rstrip(": ")
    return Report(code, message, _details(error))


def redacted(text: str) -> str:
    """`text` in one line without paths, UIDs, dates, long numbers and person names."""
    line = scrubbed(" ".join(text.split()))
    for pattern, word in _STRIKE:
        line = pattern.sub(word, line)
    return line if len(line) <= 300 else line[:299] + "…"


# Numbers of fewer than six digits stay: shapes, sizes and limits are what a report is for.
_STRIKE = (
    (re.compile(r"\d{6,}"), "<number>"),
    (re.compile(r"'[^']*\s[^']*'|\"[^\"]*\s[^\"]*\""), "<text>"),
)


def release_frames(error: BaseException) -> None:
    """Forget the local variables that the frames of an exception hold.

    A failed job is kept for its report; the volumes and tensors that its
    frames refer to must not be kept with it.
    """
    for cause in _chain(error):
        traceback.clear_frames(cause.__traceback__)


def _details(error: BaseException) -> str:
    lines: list[str] = []
    for cause in _chain(error):
        text = str(cause) if isinstance(cause, MedviewError) else redacted(str(cause))
        lines.append(f"{type(cause).__name__}: {text}")
        lines += [
            f"  {Path(frame.filename).name}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(cause.__traceback__)
        ]
    return "\n".join(lines)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
