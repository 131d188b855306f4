"""`LastFailures`: the last failed run of each model, kept for the doctor."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from concurrent.futures import CancelledError, Future
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from medview.config.paths import make_private
from medview.core.errors import MedviewError
from medview.core.progress import Cancelled
from medview.jobs.outcome import report_of

_MOST = 1 << 20


@dataclass(frozen=True, slots=True)
class LastFailure:
    """A failed run: when, and what is known of it without identifiers or paths."""

    when: str
    version: str
    code: str
    message: str
    details: str

    def is_of(self, version: str, installed: str = "") -> bool:
        """Whether it happened to this version, since that was installed.

        Parameters
        ----------
        version : str
        installed : str
            When, in UTC, as `Generation.installed`; empty where that is not known.
        """
        return self.version == version and self.when >= installed


class LastFailures:
    """One small file for each model that failed.

    Parameters
    ----------
    folder : Path
        Made when something fails.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, model_id: str) -> LastFailure | None:
        """The last failure of a model; None where there is none on record."""
        try:
            with self._file(model_id).open("rb") as file:
                return LastFailure(**json.loads(file.read(_MOST)))
        except (OSError, ValueError, TypeError):
            return None

    def forget(self, model_id: str) -> None:
        """Forget the last failure of a model, if there is one on record."""
        with contextlib.suppress(OSError):
            self._file(model_id).unlink(missing_ok=True)

    def watch(self, future: Future[Any], model_id: str, version: str) -> None:
        """Keep how a run ends, if it fails; a run that ends well changes nothing."""

        def ended(done: Future[Any]) -> None:
            try:
                error = done.exception()
            except (CancelledError, Cancelled):
                return
            if error is not None and not isinstance(error, Cancelled):
                self.keep(model_id, version, error)

        future.add_done_callback(ended)

    def keep(self, model_id: str, version: str, error: BaseException) -> None:
        """Keep an exception; where it cannot be written, it is only lost for the doctor."""
        report = report_of(error)
        when = datetime.now(UTC).isoformat(timespec="seconds")
        failure = LastFailure(when, version, report.code, report.message, report.details)
        try:
            make_private(self._folder)
            number, name = tempfile.mkstemp(dir=self._folder, suffix=".tmp")
            with os.fdopen(number, "w", encoding="utf-8") as file:
                json.dump(asdict(failure), file)
            Path(name).replace(self._file(model_id))
        except (OSError, MedviewError):
            return

    def _file(self, model_id: str) -> Path:
        # An id is any text.
        return self._folder / f"{hashlib.sha256(model_id.encode()).hexdigest()[:32]}.json"
