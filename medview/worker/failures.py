"""What a hook raised, as JSON: enough for the same report as if it had run in a thread."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from typing import Any

from medview.core.errors import MedviewError, UnfitError, WeightsError
from medview.core.redaction import scrubbed
from medview.host.report import traceback_without_paths
from medview.jobs.ladder import is_out_of_memory
from medview.worker.sockets import REFUSED

_MOST = 8000
_DEEPEST = 12
_NO_WAY_OUT = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN)
_NO_WRITING = (errno.EROFS, errno.EACCES)


def describe_failure(error: BaseException) -> dict[str, Any]:
    """The kind, type, sentence and trace of an exception, without paths."""
    told: dict[str, Any] = {
        "type": type(error).__name__,
        "text": f"{scrubbed(_text(error))[:_MOST]}{_what_is_kept_away(error)}",
        "trace": _trace(error),
        "kind": _kind(error),
    }
    if isinstance(error, MedviewError):
        told["code"] = error.code
    return told


def _kind(error: BaseException) -> str:
    if is_out_of_memory(error):
        return "memory"
    if isinstance(error, UnfitError):
        return "unfit"
    if isinstance(error, WeightsError):
        return "weights"
    if isinstance(error, MedviewError):
        return "medview"
    return "exit" if isinstance(error, SystemExit) else "other"


def _text(error: BaseException) -> str:
    if isinstance(error, MedviewError):
        return error.message
    # The exception is foreign code too.
    try:
        return str(error)
    except Exception:  # noqa: BLE001
        return ""


def _what_is_kept_away(error: BaseException) -> str:
    """A sentence where the model met the walls of its process, which would look like a fault."""
    for each in _chain(error):
        if isinstance(each, socket.gaierror) or getattr(each, "errno", None) in _NO_WAY_OUT:
            return ". Models have no network, unless their card asks for it and you agree"
        if str(each) == REFUSED:
            return " Its card has to ask for it, and you to agree"
        if isinstance(each, OSError) and each.errno in _NO_WRITING and each.filename is not None:
            return ". A model may write only at its own home and temporary folder"
    return ""


def _chain(error: BaseException) -> Iterator[BaseException]:
    left: list[object] = [error]
    for _ in range(_DEEPEST):
        if not left:
            return
        each = left.pop()
        if isinstance(each, BaseException):
            yield each
            # urllib keeps the cause as an attribute.
            left += [each.__context__, each.__cause__, getattr(each, "reason", None)]


def _trace(error: BaseException) -> str:
    try:
        return traceback_without_paths(error)[-_MOST:]
    except Exception:  # noqa: BLE001
        return ""
