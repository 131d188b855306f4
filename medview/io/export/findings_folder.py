"""A findings folder: written whole or not at all, and read back."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medview.core.errors import InputError, MedviewError, UsageError
from medview.core.findings.base import Findings
from medview.core.progress import ProgressFn, ignore_progress
from medview.io.export.findings_items import ItemWriter
from medview.io.export.findings_reader import ItemReader
from medview.io.export.provenance_json import provenance_from_json, provenance_to_json

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = "medview.findings/1"
DOCUMENT = "findings.json"
NOTICE = (
    "Not for diagnosis: medview is not cleared as a medical device. "
    "A qualified person must check every result before it is used."
)


def write_findings(
    folder: Path,
    findings: Findings,
    *,
    overwrite: bool = False,
    progress: ProgressFn = ignore_progress,
) -> None:
    """Write the findings of one run as a folder.

    Everything is written beside `folder` first and then renamed, so that no
    failure leaves a part of it. Equal findings give byte-equal files.

    Parameters
    ----------
    folder : Path
        Absent or empty; its parents are made.
    findings : Findings
        Checked before, and with provenance.
    overwrite : bool
        Replace a folder that is not empty, as a whole.
    progress : callable
        Called while large files are written; may raise `Cancelled`.

    Raises
    ------
    UsageError
        If `folder` is a file or holds something, or `overwrite` would replace
        a folder that must not go: the home, the working or a root folder.
    MedviewError
        With code ``"write-failed"`` if the disk is full or not writable.
    """
    folder = folder.resolve()
    check_target(folder, overwrite=overwrite)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _staging(folder) as staging:
            text = json.dumps(
                document(findings, staging, progress),
                indent=1,
                ensure_ascii=False,
                allow_nan=False,
            )
            (staging / DOCUMENT).write_text(text + "\n", encoding="utf-8")
            _move_into_place(staging, folder)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise MedviewError(
            f"The findings could not be written: {reason}. Nothing was left behind.",
            code="write-failed",
        ) from error


def check_target(folder: Path, *, overwrite: bool = False) -> None:
    """Say before a long run whether its findings could be written to `folder`.

    Raises
    ------
    UsageError
        As `write_findings` does.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"'{folder.name}' is a file; findings are written to a folder.")
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    if not overwrite:
        raise UsageError(
            f"Folder '{folder.name}' is not empty. Choose another one, or overwrite it.",
            code="folder-not-empty",
        )
    here, home = Path.cwd(), Path.home()
    target = folder.resolve()
    if target in (home, here) or target in home.parents or target in here.parents:
        raise UsageError(f"Folder '{folder.name}' holds more than findings; it is not replaced.")


def document(findings: Findings, folder: Path, progress: ProgressFn = ignore_progress) -> Any:
    """Write the files of all findings into `folder` and return the content of findings.json."""
    provenance = findings.provenance
    if provenance is None:
        raise UsageError("Findings without provenance are not written.")
    writer = ItemWriter(folder, provenance.source, progress)
    return {
        "schema": SCHEMA,
        "notice": NOTICE,
        "provenance": provenance_to_json(provenance),
        "findings": [writer.write(item) for item in findings.items],
    }


def read_findings(folder: Path) -> Findings:
    """Read a findings folder.

    Parameters
    ----------
    folder : Path
        The folder, or the findings.json in it.

    Returns
    -------
    Findings
        Equal to what was written; arrays are read-only.

    Raises
    ------
    InputError
        If it is no findings folder, of a newer format, damaged or incomplete.
    """
    if folder.name == DOCUMENT:
        folder = folder.parent
    try:
        data = json.loads((folder / DOCUMENT).read_text("utf-8"))
    except OSError as error:
        raise InputError(
            f"'{folder.name}' is no findings folder: it has no {DOCUMENT}.", code="findings-missing"
        ) from error
    except (ValueError, RecursionError) as error:
        raise _damaged() from error
    schema = data.get("schema") if isinstance(data, dict) else None
    if schema != SCHEMA:
        raise InputError(
            f"These findings have the format {schema!r}; this version reads {SCHEMA}.",
            code="findings-unknown",
        )
    try:
        provenance = provenance_from_json(data["provenance"])
        reader = ItemReader(folder, provenance.source)
        items = [reader.read(entry) for entry in data["findings"]]
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise _damaged() from error
    return Findings(*items, provenance=provenance)


def _damaged() -> InputError:
    return InputError(
        f"{DOCUMENT} is damaged or was not written by medview.", code="findings-damaged"
    )


@contextlib.contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    # A sibling, because a rename is atomic within one file system only.
    staging = Path(tempfile.mkdtemp(prefix=f".{folder.name[:40]}-", dir=folder.parent))
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _move_into_place(staging: Path, folder: Path) -> None:
    # mkdtemp shuts out everybody else; the result gets what the reader's umask allows.
    probe = staging / "mode"
    probe.mkdir()
    staging.chmod(probe.stat().st_mode)
    probe.rmdir()
    if not folder.exists():
        staging.rename(folder)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name[:40]}-", dir=folder.parent))
    old = aside / "old"
    try:
        folder.rename(old)
    except BaseException:
        aside.rmdir()
        raise
    try:
        staging.rename(folder)
    except BaseException as error:
        _bring_back(old, folder, error)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _bring_back(old: Path, folder: Path, failure: BaseException) -> None:
    """Undo the first half of a swap whose second half failed."""
    try:
        old.rename(folder)
        old.parent.rmdir()
    except OSError as error:
        reason = getattr(failure, "strerror", None) or type(failure).__name__
        raise MedviewError(
            f"The findings could not be written: {reason}. What '{folder.name}' held before is "
            f"now in '{old.parent.name}/{old.name}' beside it.",
            code="write-failed",
        ) from error
