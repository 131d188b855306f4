"""Write the findings of a run as a findings folder: one way, for the window and `medview run`."""

from __future__ import annotations

from pathlib import Path

from medview.app.controllers.output import require_free_folder
from medview.core.errors import UsageError
from medview.core.findings.base import Findings


def save_findings(findings: Findings, folder: Path, *, overwrite: bool = False) -> Path:
    """Write `folder`, whole or not at all.

    Parameters
    ----------
    findings : Findings
        With provenance.
    folder : Path
        Absent or empty, unless `overwrite`, which replaces it whole.

    Returns
    -------
    Path
        The ``findings.json`` that was written.

    Raises
    ------
    UsageError
        If the folder is taken or cannot be written.
    """
    from medview.io.export.findings_folder import write_findings

    require_free_folder(folder, overwrite=overwrite)
    try:
        write_findings(folder, findings, overwrite=overwrite)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise UsageError(
            f"'{folder.name}' cannot be written: {why}.", code="not-writable"
        ) from error
    return folder / "findings.json"
