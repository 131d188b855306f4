"""What goes wrong with a worker, and what went wrong inside it, as exceptions of this process."""

from __future__ import annotations

import signal
from typing import Any

from medview.core.errors import MedviewError, ModelError, UnfitError, WeightsError
from medview.core.printable import printable
from medview.core.redaction import scrubbed
from medview.host.report import dump_without_paths

_MOST = 8000


class WorkerEnded(ModelError):
    """The process ended, or was ended, before it gave a result."""

    code = "model-crashed"


class RemoteTrace(MedviewError):
    """Where it happened inside the worker: lines without paths, for the report."""

    code = "remote-trace"


class RemoteError(Exception):
    """A hook raised; the class is named after what it raised."""


def raised(told: dict[str, Any]) -> BaseException:
    """The exception to raise for a ``failed`` message; every text is foreign and scrubbed."""
    text = scrubbed(_text(told.get("text")))
    name = _text(told.get("type"))
    code = _text(told.get("code"))[:64] or None
    error: BaseException
    match told.get("kind"):
        case "memory":
            error = MemoryError(text)
        case "unfit":
            error = UnfitError(text, code=code)
        case "weights":
            error = WeightsError(text, code=code)
        case "medview":
            error = MedviewError(text, code=code)
        case "exit":
            error = SystemExit(text)
        case _:
            safe = name if name.isidentifier() and len(name) <= 64 else "RemoteError"
            error = type(safe, (RemoteError,), {})(text)
    trace = scrubbed(_text(told.get("trace")))
    if trace:
        error.__cause__ = RemoteTrace(trace)
    return error


def how_it_ended(code: int | None, output: str) -> WorkerEnded:
    """The error for a process that ended with `code`; `output` is the last that it printed."""
    if code is not None and code < 0:
        told = f"Its process was ended by {_signal(-code)}."
    else:
        told = f"It ended its process (exit code {code}) without giving a result."
    error = WorkerEnded(told)
    if output.strip():
        error.__cause__ = RemoteTrace(printable(dump_without_paths(output)[-_MOST:]))
    return error


def _signal(number: int) -> str:
    known = {
        signal.SIGSEGV: "a memory fault: it read or wrote where it may not, "
        "for example in the pixels that it was given (SIGSEGV)",
        signal.SIGABRT: "its own abort (SIGABRT)",
    }
    try:
        found = signal.Signals(number)
    except ValueError:
        return f"signal {number}"
    return known.get(found, f"signal {found.name}")


def _text(value: object) -> str:
    return printable(value[:_MOST]) if isinstance(value, str) else ""
