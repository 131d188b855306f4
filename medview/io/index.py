"""Remember what folders hold, so that one opened again appears at once.

A folder counts as unchanged while every file below it has the path, size and time
that it had. Pixels are never kept; before loading, the headers of the wanted series
are read again, so that nothing is loaded on the word of the index alone.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, delete, event, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from medview.core.data.series import Series, Skipped, Study
from medview.core.progress import ProgressFn, ignore_progress
from medview.io.index_tables import Base, ScanRow, SeriesRow, StudyRow
from medview.io.records import (
    SCHEMA,
    series_from_json,
    series_to_json,
    study_from_json,
    study_to_json,
)
from medview.io.remembered import Remembered
from medview.io.scan import Scan, SeriesEntry, files_of, scan
from medview.io.walk import state_of

FILE_NAME = "index.sqlite"
OnSeries = Callable[[Study, Series], None]


class Index:
    """The index in one folder.

    Parameters
    ----------
    folder : Path
        Made if absent. Only its owner may read it, because names of patients are
        in it.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = folder / FILE_NAME
        self._engine = self._opened()

    def _opened(self) -> Engine:
        # SQLite would create the file for everyone to read.
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        with suppress(NotImplementedError):
            self._path.chmod(0o600)
        engine = create_engine(f"sqlite:///{self._path}", poolclass=NullPool)
        event.listen(engine, "connect", _configure)
        try:
            Base.metadata.create_all(engine)
        except DatabaseError:
            # A damaged index is worth nothing: everything in it can be scanned again.
            engine.dispose()
            self._path.unlink()
            return self._opened()
        return engine

    def scan(
        self,
        paths: Sequence[Path],
        *,
        progress: ProgressFn = ignore_progress,
        on_series: OnSeries | None = None,
    ) -> Scan:
        """Like `medview.io.scan.scan`, at once where nothing changed since the last time.

        Raises
        ------
        UsageError
            If a path does not exist.
        """
        # Names that are no text, as old discs have them, are kept as their bytes.
        names = sorted(str(p.absolute()) for p in paths)
        root = "\n".join(names).encode("utf-8", "backslashreplace").decode("utf-8")
        found = self._recall(root, paths)
        if found is None:
            before = state_of(paths)
            found = scan(paths, progress=progress, on_series=on_series)
            elsewhere = _elsewhere(paths, _files_named(found))
            self._remember(root, _digest(before, elsewhere), found)
        elif on_series is not None:
            for entry in found.entries:
                on_series(entry.study, entry.series)
        progress(1.0, "Looking at files")
        return found

    def forget_study(self, uid: str | None) -> None:
        """Remove a study from every scan; the folders are looked at anew next time."""
        with Session(self._engine) as session:
            rows = session.scalars(
                select(StudyRow).where(
                    StudyRow.uid.is_(None) if uid is None else StudyRow.uid == uid
                )
            )
            for row in rows:
                row.scan.state = ""
                session.delete(row)
            session.commit()
            _vacuum(session)

    def forget_all(self) -> None:
        """Remove everything."""
        with Session(self._engine) as session:
            session.execute(delete(ScanRow))
            session.commit()
            _vacuum(session)

    def close(self) -> None:
        """Let go of the file; idempotent."""
        self._engine.dispose()

    def _recall(self, root: str, paths: Sequence[Path]) -> Scan | None:
        with Session(self._engine) as session:
            row = session.scalar(select(ScanRow).where(ScanRow.root == root))
            if row is None or row.schema != SCHEMA:
                return None
            elsewhere = _elsewhere(paths, _files_in(row)) if any(map(_is_file, paths)) else []
            if row.state != _digest(state_of(paths), elsewhere):
                return None
            studies: list[Study] = []
            entries: list[SeriesEntry] = []
            for study_row in row.studies:
                series = tuple(series_from_json(json.loads(s.record)) for s in study_row.series)
                study = study_from_json(json.loads(study_row.record), series)
                studies.append(study)
                entries.extend(
                    SeriesEntry(one, study, Remembered(series_row.files))
                    for one, series_row in zip(series, study_row.series, strict=True)
                )
            skipped = tuple(Skipped(*s) for s in json.loads(row.skipped))
        return Scan(tuple(studies), skipped, tuple(entries))

    def _remember(self, root: str, state: str, found: Scan) -> None:
        files = files_of(found)
        with Session(self._engine) as session:
            old = session.scalar(select(ScanRow).where(ScanRow.root == root))
            if old is not None:
                session.delete(old)
                session.flush()
            by_study: dict[int, StudyRow] = {}
            row = ScanRow(
                root=root,
                state=state,
                schema=SCHEMA,
                skipped=json.dumps([(s.path, s.code, s.message) for s in found.skipped]),
            )
            for entry in found.entries:
                study_row = by_study.get(id(entry.study))
                if study_row is None:
                    study_row = StudyRow(
                        uid=entry.study.uid, record=json.dumps(study_to_json(entry.study))
                    )
                    by_study[id(entry.study)] = study_row
                    row.studies.append(study_row)
                study_row.series.append(
                    SeriesRow(
                        record=json.dumps(series_to_json(entry.series)),
                        files=json.dumps(files[entry.series.uid]),
                    )
                )
            session.add(row)
            session.commit()


def _digest(state: bytes, elsewhere: Sequence[str]) -> str:
    """What must be equal for a scan to be worth recalling."""
    lines = [state]
    for name in sorted(elsewhere):
        path = Path(name)
        known = state_of([path]) if path.exists() else b"absent"
        lines.append(os.fsencode(name) + b"\0" + known)
    return hashlib.sha256(b"\n".join(lines)).hexdigest()


def _elsewhere(paths: Sequence[Path], files: Iterable[str]) -> list[str]:
    """Of `files` those that do not lie at or below `paths`: a DICOMDIR names others."""
    roots = [p.absolute() for p in paths]
    if not any(map(_is_file, roots)):
        return []
    return [n for n in set(files) if not any(Path(n).is_relative_to(root) for root in roots)]


def _is_file(path: Path) -> bool:
    return not path.is_dir()


def _files_named(found: Scan) -> Iterator[str]:
    for names in files_of(found).values():
        yield from names
    yield from (str(Path(s.path).absolute()) for s in found.skipped)


def _files_in(row: ScanRow) -> Iterator[str]:
    for study in row.studies:
        for series in study.series:
            yield from json.loads(series.files)
    yield from (str(Path(path).absolute()) for path, _, _ in json.loads(row.skipped))


def _configure(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    # What was forgotten shall be gone from the file, too.
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


def _vacuum(session: Session) -> None:
    from sqlalchemy import text

    session.connection(execution_options={"isolation_level": "AUTOCOMMIT"}).execute(text("VACUUM"))
