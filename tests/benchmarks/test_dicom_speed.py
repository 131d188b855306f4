"""How fast DICOM folders open, against the usual libraries in the same run.

    python -m pytest tests/benchmarks/test_dicom_speed.py --benchmark-columns=min,median -s

Files are warm, the best of five counts, and the table at the end gives the ratios.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pydicom
import pytest
from numpy.typing import NDArray

from medview.core.data.volume import Volume
from medview.io.index import Index
from medview.io.load import load
from medview.io.scan import scan
from tests.benchmarks.dicom_series import (
    JPEG_2000,
    JPEG_LOSSLESS,
    compress,
    write_many,
    write_plain,
)

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]
Times = dict[str, dict[str, float]]


@pytest.fixture(scope="module")
def times() -> Iterator[Times]:
    """Best times by task and contestant; printed as ratios at the end."""
    found: Times = {}
    yield found
    lines = [f"{'task':<34}{'medview':>10}{'other':>10}{'ratio':>8}"]
    for task, best in found.items():
        if len(best) == 2:
            ours, other = best["medview"], best["other"]
            lines.append(f"{task:<34}{ours:>9.3f}s{other:>9.3f}s{ours / other:>8.2f}")
    print("\n" + "\n".join(lines))  # noqa: T201 - the table is what this file is for


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plain")
    write_plain(folder, 400, 512)
    return folder


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many")
    write_many(folder, 25, 200)
    return folder


@pytest.fixture(scope="module", params=[JPEG_LOSSLESS, JPEG_2000], ids=["jpeg", "j2k"])
def packed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packed")
    write_plain(folder, 60, 512)
    compress(folder, request.param)
    return folder


def measure(benchmark: Any, times: Times, task: str, who: str, work: Callable[[], Any]) -> Any:
    benchmark.group = task
    result = benchmark.pedantic(work, rounds=5, iterations=1, warmup_rounds=1)
    times.setdefault(task, {})[who] = benchmark.stats.stats.min
    return result


def with_medview(folder: Path) -> NDArray[np.generic]:
    volume = load(scan([folder]).entries[0])
    assert isinstance(volume, Volume)
    return volume.array


def with_simpleitk(folder: Path) -> NDArray[np.generic]:
    import SimpleITK as sitk

    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    return sitk.GetArrayFromImage(reader.Execute())


def with_pydicom(folder: Path) -> NDArray[np.generic]:
    read = [pydicom.dcmread(p) for p in folder.iterdir()]
    read.sort(key=lambda d: float(d.ImagePositionPatient[2]))
    planes = [d.pixel_array.astype(np.int16) + np.int16(d.RescaleIntercept) for d in read]
    return np.stack(planes)


def test_an_uncompressed_series_against_simpleitk(
    benchmark: Any, times: Times, plain: Path
) -> None:
    ours = measure(
        benchmark, times, "400 x 512 x 512 uncompressed", "medview", lambda: with_medview(plain)
    )
    np.testing.assert_array_equal(ours, with_simpleitk(plain))


def test_an_uncompressed_series_simpleitk(benchmark: Any, times: Times, plain: Path) -> None:
    measure(
        benchmark, times, "400 x 512 x 512 uncompressed", "other", lambda: with_simpleitk(plain)
    )


def test_a_compressed_series(
    benchmark: Any, times: Times, packed: Path, request: pytest.FixtureRequest
) -> None:
    task = f"60 x 512 x 512 {request.node.callspec.id}"
    measure(benchmark, times, task, "medview", lambda: with_medview(packed))


def test_a_compressed_series_pydicom(
    benchmark: Any, times: Times, packed: Path, request: pytest.FixtureRequest
) -> None:
    task = f"60 x 512 x 512 {request.node.callspec.id}"
    if task.endswith("jpeg") and importlib.util.find_spec("libjpeg") is None:
        pytest.skip("pylibjpeg-libjpeg (GPL) is not in this environment")
    other = measure(benchmark, times, task, "other", lambda: with_pydicom(packed))
    np.testing.assert_array_equal(with_medview(packed), other)


def test_scanning_five_thousand_files(benchmark: Any, times: Times, many: Path) -> None:
    found = measure(benchmark, times, "scan of 5,000 files", "medview", lambda: scan([many]))
    assert len(found.entries) == 25
    assert sum(e.series.files for e in found.entries) == 5000


def test_scanning_five_thousand_files_pydicom(benchmark: Any, times: Times, many: Path) -> None:
    def headers() -> int:
        files = sorted(p for p in many.rglob("*") if p.is_file())
        return len([pydicom.dcmread(p, stop_before_pixels=True).SeriesInstanceUID for p in files])

    assert measure(benchmark, times, "scan of 5,000 files", "other", headers) == 5000


def test_scanning_again_through_the_index(
    benchmark: Any, times: Times, many: Path, tmp_path: Path
) -> None:
    index = Index(tmp_path)
    assert len(index.scan([many]).entries) == 25
    task = "opening 5,000 files again"
    found = measure(benchmark, times, task, "medview", lambda: index.scan([many]))
    index.close()
    assert len(found.entries) == 25


def test_scanning_for_the_first_time(benchmark: Any, times: Times, many: Path) -> None:
    measure(benchmark, times, "opening 5,000 files again", "other", lambda: scan([many]))


def test_loading_needs_little_more_memory_than_the_volume(plain: Path) -> None:
    entry = scan([plain]).entries[0]
    process = psutil.Process()
    before = process.memory_info().rss
    peak = before

    def watch(fraction: float | None, text: str) -> None:
        nonlocal peak
        peak = max(peak, process.memory_info().rss)

    volume = load(entry, progress=watch)
    assert isinstance(volume, Volume)
    peak = max(peak, process.memory_info().rss)
    print(f"\npeak over volume: {(peak - before) / volume.array.nbytes:.2f}")  # noqa: T201
    assert peak - before <= 1.3 * volume.array.nbytes
