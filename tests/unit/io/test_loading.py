"""Loading: the middle first, in parallel, cancellable, and whole or not at all."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from medview.core.data.volume import Volume
from medview.core.errors import InputError, UsageError
from medview.core.progress import Cancelled
from medview.io.load import load
from medview.io.scan import scan
from tests.unit.io.series import edit, field, make_grid, scan_one, write_field


def test_slices_arrive_finished_and_the_middle_one_early(tmp_path: Path) -> None:
    grid = make_grid((21, 30, 30))
    write_field(tmp_path, grid)
    seen: list[int] = []
    expected = field(grid)

    def on_slice(values: np.ndarray, k: int) -> None:
        assert threading.current_thread() is threading.main_thread()
        np.testing.assert_array_equal(values, expected[k])
        seen.append(k)

    load(scan_one(tmp_path).entries[0], on_slice=on_slice)
    assert sorted(seen) == list(range(21))
    # Threads finish in any order, but the middle was asked for first.
    assert 10 in seen[:8]


def test_repaired_slices_arrive_on_the_repaired_grid(tmp_path: Path) -> None:
    write_field(tmp_path, make_grid(), keep=(0, 1, 2, 4, 5, 6))
    seen: dict[int, np.ndarray] = {}
    volume = load(
        scan_one(tmp_path).entries[0], on_slice=lambda v, k: seen.__setitem__(k, v.copy())
    )
    assert isinstance(volume, Volume)
    assert sorted(seen) == list(range(7))
    for k, values in seen.items():
        np.testing.assert_array_equal(values, volume.array[k])


def test_progress_runs_from_nought_to_one(tmp_path: Path) -> None:
    write_field(tmp_path, make_grid())
    shares: list[float] = []
    found = scan([tmp_path], progress=lambda f, _: shares.append(f or 0.0))
    assert shares[0] == 0.0
    assert shares[-1] == 1.0
    assert shares == sorted(shares)
    shares.clear()
    load(found.entries[0], progress=lambda f, _: shares.append(f or 0.0))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.parametrize("step", ["scan", "load"])
def test_cancelling_stops_at_once_and_leaves_no_thread(tmp_path: Path, step: str) -> None:
    write_field(tmp_path, make_grid((30, 8, 8)))
    entry = scan_one(tmp_path).entries[0]
    calls = 0

    def stop(fraction: float | None, text: str) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise Cancelled

    with pytest.raises(Cancelled):  # noqa: PT012 - both steps take the same function
        if step == "scan":
            scan([tmp_path], progress=stop)
        else:
            load(entry, progress=stop)
    assert calls == 3
    assert not [t for t in threading.enumerate() if t.name.startswith("medview-read")]


def test_the_list_of_series_grows_as_the_scan_goes(tmp_path: Path) -> None:
    for seed in ("a", "b", "c"):
        write_field(tmp_path / seed, make_grid(), seed=seed)
    seen: list[str] = []
    found = scan([tmp_path], on_series=lambda study, series: seen.append(series.uid))
    assert seen.count(found.entries[0].series.uid) == 1
    assert set(seen) == {e.series.uid for e in found.entries}


def test_a_series_is_told_of_while_later_folders_are_still_to_come(tmp_path: Path) -> None:
    for seed in ("a", "b"):
        write_field(tmp_path / seed, make_grid(), seed=seed)
    events: list[str] = []
    scan(
        [tmp_path],
        progress=lambda share, _: events.append("file"),
        on_series=lambda study, series: events.append("series"),
    )
    assert events.index("series") < len(events) - 1 - events[::-1].index("file")
    assert events.count("series") == 2


def test_a_file_that_disappears_before_loading_is_one_sentence(tmp_path: Path) -> None:
    paths = write_field(tmp_path, make_grid())
    entry = scan_one(tmp_path).entries[0]
    paths[2].unlink()
    with pytest.raises(InputError, match=paths[2].name):
        load(entry)


def test_a_file_that_shrinks_before_loading_is_one_sentence(tmp_path: Path) -> None:
    paths = write_field(tmp_path, make_grid())
    entry = scan_one(tmp_path).entries[0]
    paths[2].write_bytes(paths[2].read_bytes()[:-40])
    with pytest.raises(InputError, match=f"{paths[2].name}: its pixels end too early"):
        load(entry)


def test_a_damaged_compressed_slice_names_its_file(tmp_path: Path, data_dir: Path) -> None:
    folder = data_dir / "series_with_reference_nifti" / "generic" / "compressed_j2k" / "001"
    for path in sorted(folder.iterdir()):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    bad = sorted(tmp_path.iterdir())[1]

    def damage(dataset: object) -> None:
        data = bytearray(dataset.PixelData)  # type: ignore[attr-defined]
        data[100:400] = bytes(300)
        dataset.PixelData = bytes(data)  # type: ignore[attr-defined]

    edit(bad, damage)
    entry = scan_one(tmp_path).entries[0]
    with pytest.raises(InputError, match=bad.name):
        load(entry)


def test_a_document_has_no_pixels_to_load(data_dir: Path) -> None:
    entry = scan_one(data_dir / "dicom_transfer_syntaxes" / "test-SR.dcm").entries[0]
    with pytest.raises(UsageError, match="no pixels"):
        load(entry)


def test_loading_twice_gives_one_fingerprint_and_another_slice_another(tmp_path: Path) -> None:
    paths = write_field(tmp_path, make_grid())
    first = load(scan_one(tmp_path).entries[0])
    second = load(scan_one(tmp_path).entries[0])
    assert first.info.fingerprint == second.info.fingerprint

    def differ(dataset: object) -> None:
        data = bytearray(dataset.PixelData)  # type: ignore[attr-defined]
        data[0] ^= 1
        dataset.PixelData = bytes(data)  # type: ignore[attr-defined]

    edit(paths[0], differ)
    assert load(scan_one(tmp_path).entries[0]).info.fingerprint != first.info.fingerprint


def test_the_source_is_never_written_to(tmp_path: Path) -> None:
    write_field(tmp_path, make_grid())
    before = {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in tmp_path.iterdir()}
    load(scan_one(tmp_path).entries[0])
    assert {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in tmp_path.iterdir()} == before
