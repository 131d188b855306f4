"""`evaluate_detection`: findings of one or many scans against LUNA16 or LIDC references."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from medview.app.controllers.evaluate.cases import Scan, case_name, scans
from medview.app.controllers.evaluate.outcome import Comparison, listed
from medview.app.controllers.named import require_there
from medview.core.errors import InputError, UsageError
from medview.core.findings.detections import Detections
from medview.core.geometry.grid import Grid
from medview.evaluate.detection import Candidate, ReferenceFinding, froc, match
from medview.evaluate.lidc import LidcReading, read_lidc, reference_findings
from medview.evaluate.luna16 import read_annotations

References = list[ReferenceFinding]
_Lookup = Callable[[Scan], References]


def evaluate_detection(
    prediction: Path, reference: Path, *, excluded: Path | None = None
) -> Comparison:
    """FROC of detections by the LUNA16 protocol.

    Parameters
    ----------
    prediction : Path
        A findings folder, or a folder of them: these are the scans that count.
    reference : Path
        A CSV as LUNA16's ``annotations.csv``; an LIDC XML; or a folder of LIDC
        XML files, one for each scan.
    excluded : Path, optional
        As LUNA16's ``annotations_excluded.csv``: findings that count neither way.

    Returns
    -------
    Comparison
        ``cpm`` and ``sensitivity@0.125`` ... ``sensitivity@8``.

    Raises
    ------
    UsageError
        If a path is missing, two predictions are of one scan, or an XML fits none.
    InputError
        If something cannot be read, or findings hold no detections on a volume.

    Notes
    -----
    A scan is found in the CSV by ``provenance.source.series_uid``, or by the
    name of its findings folder: LUNA16's own MetaImage files carry their UID in
    the file name only. A scan that the CSV does not name is one without nodules.
    """
    require_there(reference)
    found = scans(prediction)
    notes: list[str] = []
    if reference.suffix.lower() == ".csv":
        lookup = _from_csv(found, reference, excluded, notes)
    elif excluded is not None:
        raise UsageError("--excluded goes with a CSV: an LIDC reading has all marks in one file.")
    else:
        lookup = _from_lidc(found, reference, prediction)
    results = []
    outside = rejected = 0
    for scan in found:
        candidates, dropped = _candidates(scan)
        references = lookup(scan)
        seen = _on_grid(references, _grid(scan))
        outside += len(references) - len(seen)
        rejected += dropped
        results.append(match(candidates, seen))
    if outside:
        notes.append(f"{outside} reference findings lie outside the scans and count neither way.")
    if rejected:
        notes.append(f"{rejected} detections that a reader rejected were left out.")
    if not sum(result.relevant for result in results):
        notes.append("None of these scans has a reference finding, so there is no sensitivity.")
    return Comparison(froc(results), tuple(notes))


def _from_csv(
    found: Sequence[Scan], path: Path, excluded: Path | None, notes: list[str]
) -> _Lookup:
    if excluded is not None:
        require_there(excluded)
    try:
        known = read_annotations(path, excluded=excluded)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"'{path.name}' cannot be read as a CSV file.") from error
    uids = {scan.name: _key(scan, known) for scan in found}
    named = [uid for uid in uids.values() if uid is not None]
    if len(set(named)) < len(named):
        twice = sorted({uid for uid in named if named.count(uid) > 1})
        same = [scan for scan, uid in uids.items() if uid == twice[0]]
        raise UsageError(f"These findings are of one scan and would count twice: {listed(same)}.")
    free = sum(uid not in known for uid in uids.values())
    if free:
        notes.append(f"{free} scans without any reference finding count as free of them.")
    others = len(set(known) - set(named))
    if others:
        notes.append(f"{others} scans of '{path.name}' have no prediction and were left out.")
    return lambda scan: known.get(uids[scan.name] or "", [])


def _key(scan: Scan, known: dict[str, References]) -> str | None:
    uid = _series_uid(scan)
    return scan.name if uid not in known and scan.name in known else uid


def _from_lidc(found: Sequence[Scan], reference: Path, prediction: Path) -> _Lookup:
    if reference.is_dir():
        files = {case_name(p): p for p in sorted(reference.iterdir()) if _is_xml(p)}
        if not files:
            raise InputError(f"There is no CSV and no LIDC XML in '{reference.name}'.")
        lacking = sorted(set(files) - {scan.name for scan in found})
        if lacking:
            raise UsageError(
                f"These readings of '{reference.name}' have no prediction: {listed(lacking)}.",
                code="prediction-missing",
            )
    elif _is_xml(reference) and len(found) == 1:
        files = {found[0].name: reference}
    elif _is_xml(reference):
        raise UsageError(
            f"'{reference.name}' is the reading of one scan, and '{prediction.name}' holds "
            f"{len(found)}. Name one findings folder, or a folder of XML files."
        )
    else:
        raise UsageError(
            f"'{reference.name}' is no reference for detections: it must be a CSV as LUNA16's, "
            "an LIDC XML, or a folder of these."
        )
    unread = [scan.name for scan in found if scan.name not in files]
    if unread:
        raise UsageError(f"There is no reading of {listed(unread)} in '{reference.name}'.")
    return lambda scan: _lidc_references(scan, files[scan.name])


def _lidc_references(scan: Scan, path: Path) -> References:
    reading: LidcReading = read_lidc(path)
    uid = _series_uid(scan) or ""
    ours_is_dicom = uid and ":" not in uid
    if ours_is_dicom and reading.series_uid and uid.partition("#")[0] != reading.series_uid:
        raise UsageError(f"'{path.name}' is the reading of another series than '{scan.name}'.")
    grid = _grid(scan)
    if grid is None:
        raise InputError(
            f"The findings in '{scan.name}' do not say on which grid they were made, which an "
            "LIDC reading needs to be placed."
        )
    return reference_findings(reading, grid)


def _candidates(scan: Scan) -> tuple[list[Candidate], int]:
    lists = [item for item in scan.findings.items if isinstance(item, Detections)]
    if not lists:
        raise InputError(f"The findings in '{scan.name}' hold no detections.")
    items = [found for item in lists for found in item.items]
    kept = [found for found in items if found.review != "rejected"]
    candidates = []
    for found in kept:
        if len(found.centre) != 3:
            raise UsageError(
                f"The detections in '{scan.name}' were made on an image. "
                "Detections are compared on volumes."
            )
        x, y, z = found.centre
        candidates.append(Candidate((x, y, z), found.score))
    return candidates, len(items) - len(kept)


def _on_grid(references: References, grid: Grid | None) -> References:
    if grid is None:
        return references
    return [r for r in references if bool(grid.contains(r.centre_lps_mm))]


def _series_uid(scan: Scan) -> str | None:
    origin = scan.findings.provenance
    return origin.source.series_uid if origin else None


def _grid(scan: Scan) -> Grid | None:
    origin = scan.findings.provenance
    return origin.source.grid if origin else None


def _is_xml(path: Path) -> bool:
    return path.is_file() and path.suffix.lower() == ".xml"
