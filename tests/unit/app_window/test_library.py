"""What was opened: merged by study, replaced when found again, first choice for reading."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from medview.app.library import Library, first_to_open
from medview.core.data.series import Patient, Series, Study
from medview.core.errors import UsageError


def study(uid: str | None, *series: Series) -> Study:
    return Study(uid, "20260103", "Chest", Patient("1", "Doe^Jane"), tuple(series))


def volume(uid: str, slices: int = 100) -> Series:
    return Series(uid, "volume", "CT", shape=(slices, 512, 512))


@dataclass(frozen=True)
class FakeScan:
    """As `medview.io.scan.Scan`, with the UID for an entry."""

    studies: tuple[Study, ...]

    def entry(self, uid: str) -> str:
        return f"entry of {uid}"


def test_series_of_one_study_come_together_from_several_scans() -> None:
    library = Library()
    library.finish(FakeScan((study("1.2", volume("a")),)))  # type: ignore[arg-type]
    library.finish(FakeScan((study("1.2", volume("b")), study("1.3", volume("c")))))  # type: ignore[arg-type]
    assert [[s.uid for s in st.series] for st in library.studies] == [["a", "b"], ["c"]]


def test_a_series_found_again_keeps_its_place() -> None:
    library = Library()
    library.add(study("1.2"), volume("a", 10))
    library.add(study("1.2"), volume("b"))
    library.add(study("1.2"), volume("a", 20))
    [found] = library.studies
    assert [(s.uid, s.shape[0]) for s in found.series if s.shape] == [("a", 20), ("b", 100)]


def test_a_series_cannot_be_loaded_before_its_scan_ended() -> None:
    library = Library()
    library.add(study("1.2"), volume("a"))
    assert not library.has("a")
    with pytest.raises(UsageError):
        library.entry("a")
    library.finish(FakeScan((study("1.2", volume("a")),)))  # type: ignore[arg-type]
    assert library.entry("a") == "entry of a"


def test_a_series_that_came_apart_leaves_no_row_that_cannot_be_opened() -> None:
    library = Library()
    library.add(study("1.2"), volume("a"))
    library.add(study("1.2"), volume("b"))
    parts = FakeScan((study("1.2", volume("a#1"), volume("a#2"), volume("b")),))
    library.finish(parts, told=("a", "b"))  # type: ignore[arg-type]
    [found] = library.studies
    assert {s.uid for s in found.series} == {"a#1", "a#2", "b"}
    assert all(library.has(s.uid) for s in found.series)


def test_a_scan_given_up_takes_back_what_it_told_and_nothing_else() -> None:
    library = Library()
    library.finish(FakeScan((study("1.2", volume("a")),)))  # type: ignore[arg-type]
    library.add(study("1.3"), volume("b"))
    library.add(study("1.4"), volume("of another scan"))
    library.withdraw(("a", "b"))
    assert [s.uid for st in library.studies for s in st.series] == ["a", "of another scan"]


def test_two_people_with_one_study_uid_are_two_studies() -> None:
    library = Library()
    library.add(study("1.2"), volume("a"))
    library.add(Study("1.2", "20260103", "Chest", Patient("2", "Roe^Jim")), volume("b"))
    assert [(s.patient.name, len(s.series)) for s in library.studies] == [
        ("Doe^Jane", 1),
        ("Roe^Jim", 1),
    ]


def test_studies_without_a_uid_are_kept_apart_by_what_else_is_known() -> None:
    library = Library()
    library.add(Study(None, "20260101", "one"), volume("a"))
    library.add(Study(None, "20260102", "two"), volume("b"))
    assert len(library.studies) == 2


def test_neighbours_leave_out_documents_and_end_at_the_ends() -> None:
    library = Library()
    report = Series("report", "document", "SR")
    library.finish(FakeScan((study("1", volume("a"), report, volume("b")),)))  # type: ignore[arg-type]
    assert library.neighbour("a", 1) == "b"
    assert library.neighbour("b", 1) is None
    assert library.neighbour("a", -1) is None
    assert library.neighbour(None, 1) == "a"


def test_a_study_opens_on_its_volume_and_not_on_the_scout() -> None:
    scout = volume("scout", 1)
    report = Series("report", "document", "SR")
    first = first_to_open([study("1", report, scout, volume("lung"), volume("soft"))])
    assert first is not None
    assert first.uid == "lung"


def test_a_lone_photograph_is_opened() -> None:
    first = first_to_open([study(None, Series("photo", "image", shape=(10, 10)))])
    assert first is not None
    assert first.uid == "photo"


def test_documents_alone_open_nothing() -> None:
    assert first_to_open([study("1", Series("report", "document", "SR"))]) is None
