"""`Library`: everything opened in this window, study by study, growing while a scan runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from psygnal import Signal

from medview.core.data.series import Series, Study
from medview.core.errors import UsageError

if TYPE_CHECKING:
    from medview.io.scan import Scan, SeriesEntry

_FEWEST_SLICES_OF_A_STUDY = 5


class Library:
    """Studies in the order of opening, and what is needed to load each series.

    Touched on the GUI thread only.
    """

    changed = Signal()
    finished = Signal()
    """Emitted after a whole scan was taken; its series may have other files than before."""

    def __init__(self) -> None:
        self._studies: dict[tuple[str | None, ...], Study] = {}
        self._entries: dict[str, SeriesEntry] = {}

    @property
    def studies(self) -> tuple[Study, ...]:
        """Each with its series so far."""
        return tuple(self._studies.values())

    def add(self, study: Study, series: Series) -> None:
        """Take one series that a running scan has found; a known one is replaced."""
        self._put(study, series)
        self.changed.emit()

    def finish(self, scan: Scan, told: Iterable[str] = ()) -> None:
        """Take the result of a whole scan, after which its series can be loaded.

        Parameters
        ----------
        scan : Scan
        told : iterable of str
            UIDs that it gave to `add` on the way; those that came to nothing leave the list.
        """
        for study in scan.studies:
            for series in study.series:
                self._put(study, series)
                self._entries[series.uid] = scan.entry(series.uid)
        self.withdraw(told)
        self.finished.emit()

    def withdraw(self, uids: Iterable[str]) -> None:
        """Take series out of the list that never became something to load.

        A scan may tell of a series that later comes apart under other UIDs, or end too early.
        """
        gone = set(uids) - self._entries.keys()
        for key, study in list(self._studies.items()):
            left = tuple(s for s in study.series if s.uid not in gone)
            if left:
                self._studies[key] = replace(study, series=left)
            else:
                del self._studies[key]
        self.changed.emit()

    def entry(self, uid: str) -> SeriesEntry:
        """What loading a series needs.

        Raises
        ------
        UsageError
            If it is unknown, or its scan has not ended yet.
        """
        found = self._entries.get(uid)
        if found is None:
            raise UsageError("This series is still being read. Try again in a moment.")
        return found

    def study_of(self, uid: str) -> Study | None:
        """The study that a series is part of."""
        for study in self._studies.values():
            if any(series.uid == uid for series in study.series):
                return study
        return None

    def has(self, uid: str) -> bool:
        """Whether a series can be loaded."""
        return uid in self._entries

    def neighbour(self, uid: str | None, step: int) -> str | None:
        """The series `step` places further in the list that can be drawn; None at the ends."""
        drawn = [s.uid for s in self._series() if s.kind != "document" and s.uid in self._entries]
        if uid not in drawn:
            return drawn[0] if drawn else None
        place = drawn.index(uid) + step
        return drawn[place] if 0 <= place < len(drawn) else None

    def clear(self) -> None:
        """Forget everything."""
        self._studies.clear()
        self._entries.clear()
        self.changed.emit()

    def _series(self) -> list[Series]:
        return [series for study in self._studies.values() for series in study.series]

    def _put(self, study: Study, series: Series) -> None:
        # Careless anonymisers give one study UID to several people.
        named = (study.uid,) if study.uid else (None, study.date, study.description)
        key = (study.patient.id, study.patient.name, *named)
        present = self._studies.get(key, replace(study, series=()))
        others = tuple(s for s in present.series if s.uid != series.uid)
        place = next((n for n, s in enumerate(present.series) if s.uid == series.uid), len(others))
        self._studies[key] = replace(present, series=(*others[:place], series, *others[place:]))


def first_to_open(studies: Sequence[Study]) -> Series | None:
    """The series that a reader most likely came for; None where nothing can be drawn.

    The first volume of more than a few slices; else the first volume, stack,
    image or slide. So a scout or a single key image does not come before its study.
    """
    drawn = [s for study in studies for s in study.series if s.kind != "document"]

    def rank(series: Series) -> int:
        if series.kind != "volume":
            return 2
        slices = min(series.shape) if series.shape else 0
        return 0 if slices >= _FEWEST_SLICES_OF_A_STUDY else 1

    return min(drawn, key=rank, default=None)
