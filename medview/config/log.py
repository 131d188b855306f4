"""The log file: rotating, private, and cleaned of identifiers before anything is written."""

from __future__ import annotations

import copy
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from medview.config.paths import make_private
from medview.config.redact import Redactor

_FORMAT = "%(asctime)s %(levelname)s %(name)s [%(threadName)s] %(message)s"
_LARGEST = 1 << 20
_KEPT = 4


class RedactingFormatter(logging.Formatter):
    """Formats a record, traceback included, from cleaned text only."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__(_FORMAT)
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """The line, or lines, that may be written."""
        clean = copy.copy(record)
        clean.msg = self._redactor.clean(record.getMessage())
        clean.args = None
        # Formatted anew: another handler may have cached a traceback that is not clean.
        clean.exc_text = None
        if record.exc_info and record.exc_info[0] is not None:
            clean.exc_text = self._redactor.clean(self.formatException(record.exc_info))
        if record.stack_info:
            clean.stack_info = self._redactor.clean(record.stack_info)
        return super().format(clean)


class _PrivateRotatingFile(RotatingFileHandler):
    def _open(self) -> TextIOWrapper:
        file = open(  # noqa: SIM115 - the handler closes it
            self.baseFilename, self.mode, encoding=self.encoding, opener=_open_private
        )
        assert isinstance(file, TextIOWrapper)
        return file

    def rotate(self, source: str, dest: str) -> None:
        # On Windows another medview may hold the file: it then grows until the next start.
        with suppress(OSError):
            super().rotate(source, dest)


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _is_ours(record: logging.LogRecord) -> bool:
    # Other libraries' messages may quote file contents, which no rule can clean for certain.
    return record.name.split(".", 1)[0].startswith("medview") or record.name == "py.warnings"


def start_log(folder: Path, redactor: Redactor, *, level: int = logging.INFO) -> logging.Handler:
    """Begin to write ``medview.log`` in `folder`, which is made private.

    Only loggers named ``medview...`` (model packages included) and Python's warnings are
    written. Close with `stop_log`.

    Raises
    ------
    MedviewError
        If the folder cannot be used.
    """
    make_private(folder)
    handler = _PrivateRotatingFile(
        folder / "medview.log", maxBytes=_LARGEST, backupCount=_KEPT, encoding="utf-8", delay=True
    )
    handler.setLevel(level)
    handler.addFilter(_is_ours)
    handler.setFormatter(RedactingFormatter(redactor))
    logging.getLogger().addHandler(handler)
    logging.getLogger("medview").setLevel(level)
    logging.captureWarnings(True)
    return handler


def stop_log(handler: logging.Handler) -> None:
    """End what `start_log` began; harmless when called twice."""
    logging.getLogger().removeHandler(handler)
    logging.captureWarnings(False)
    handler.close()


@contextmanager
def logging_to(folder: Path, redactor: Redactor, *, level: int = logging.INFO) -> Iterator[Path]:
    """Write the log while the block runs; gives the path of the log file."""
    handler = start_log(folder, redactor, level=level)
    try:
        yield folder / "medview.log"
    finally:
        stop_log(handler)
