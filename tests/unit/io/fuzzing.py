"""Damage real files in many ways and check that what opens is still true.

As a command, for longer runs than the test suite's:

    python -m tests.unit.io.fuzzing --count 50000 --seed 7
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from medview.core.errors import MedviewError
from medview.io.collect import UNFORESEEN
from medview.io.dicom.part import Part
from medview.io.file_image import FileImage
from medview.io.load import load
from medview.io.overlays import overlays
from medview.io.raster import RasterImage
from medview.io.scan import Scan, SeriesEntry, scan
from tests.unit.io.fuzz_seeds import made_seeds
from tests.unit.io.fuzz_truth import check_truth

MAX_SECONDS = 5.0
MAX_SEED_BYTES = 120_000


@dataclass(frozen=True)
class Case:
    """One folder of damaged files."""

    name: str
    seed: int


def seeds(data_dir: Path, made: Path) -> list[list[Path]]:
    """Small real files, alone and as short series, and files made in the folder `made`."""
    singles = [
        [p]
        for folder in ("dicom_transfer_syntaxes", "dicom_malformed", "dicom_charsets")
        for p in sorted((data_dir / folder).iterdir())
        if p.suffix not in (".csv", ".txt") and p.stat().st_size < MAX_SEED_BYTES
    ]
    series = [
        sorted((data_dir / "dicomdir" / "98892001" / "CT5N").iterdir()),
        sorted((data_dir / "dicomdir" / "98892003" / "MR700").iterdir()),
        sorted((data_dir / "chest_ct_lowres_lungmask" / "ct-64Dicom").iterdir())[:6],
        sorted(
            (
                data_dir / "series_with_reference_nifti/generic/anatomical/002_non_isotropic"
            ).iterdir()
        ),
    ]
    # Series are the more telling seeds, so they are drawn as often as all the single files.
    singles += made_seeds(made)
    return singles + series * max(1, len(singles) // len(series))


def mutate(data: bytes, rng: random.Random) -> bytes:
    """Damage a file in one of several ways that happen, or that an enemy would choose."""
    out = bytearray(data)
    if len(out) < 200:
        return bytes(out)
    header = min(len(out), 4000)
    kind = rng.randrange(8)
    if kind == 0:
        for _ in range(rng.randint(1, 12)):
            out[rng.randrange(128, header)] = rng.randrange(256)
    elif kind == 1:
        for _ in range(rng.randint(1, 20)):
            out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    elif kind == 2:
        del out[rng.randrange(140, len(out)) :]
    elif kind == 3:
        at = rng.randrange(132, len(out))
        del out[at : at + rng.randint(1, 300)]
    elif kind == 4:
        at = rng.randrange(132, len(out))
        out[at:at] = bytes(rng.randrange(256) for _ in range(rng.randint(1, 60)))
    elif kind == 5:
        at = rng.randrange(132, header - 4) & ~1
        out[at : at + 4] = rng.choice(
            [
                b"\xff\xff\xff\xff",
                b"\0\0\0\0",
                b"\xfe\xff\xff\x7f",
                b"\xfe\xff\x00\xe0",
                b"\xff\xff\0\0",
            ]
        )
    elif kind == 6:
        digits = [i for i in range(132, header) if 0x30 <= out[i] <= 0x39]
        for i in rng.sample(digits, min(len(digits), rng.randint(1, 6))):
            out[i] = ord(rng.choice("0123456789-.eE\\ "))
    else:
        at, other = rng.randrange(132, len(out)), rng.randrange(132, len(out))
        count = rng.randint(1, 200)
        out[at : at + count] = out[other : other + count]
    return bytes(out)


def write_case(files: list[Path], folder: Path, rng: random.Random) -> None:
    """A folder with the seed's files, one or two of them damaged."""
    damaged = set(rng.sample(range(len(files)), min(len(files), rng.randint(1, 2))))
    for number, path in enumerate(files):
        data = path.read_bytes()
        if number in damaged:
            data = mutate(data, rng)
        (folder / f"{number:02d}_{path.name}").write_bytes(data)


def check(folder: Path) -> str:
    """Open everything in a folder; raises AssertionError where something untrue was said.

    Returns
    -------
    str
        What came of it, for the count at the end.
    """
    found, opened, seconds = _open_all(folder)
    if seconds > MAX_SECONDS:
        # The machine may have been busy with something else; a hang happens again.
        found, opened, seconds = _open_all(folder)
    assert seconds < MAX_SECONDS, f"took {seconds:.1f} s"
    _check_nothing_unaccounted(folder, found)
    outcomes: set[str] = set()
    for entry, what in zip(found.entries, opened, strict=True):
        if isinstance(what, MedviewError):
            assert what.message.endswith(".")
            outcomes.add("sentence")
            continue
        outcomes.add(entry.series.kind)
        if what is not None:
            check_truth(entry, what)
            _check_overlays(entry)
    _check_nothing_vanished(found)
    return "+".join(sorted(outcomes)) or "skipped"


def _open_all(folder: Path) -> tuple[Scan, list[object], float]:
    """What a folder holds, what came of each series (None for documents), and the seconds."""
    start = time.perf_counter()
    found = scan([folder])
    opened: list[object] = []
    for entry in found.entries:
        if entry.series.kind in ("document", "slide"):
            opened.append(None)
            continue
        try:
            opened.append(load(entry, time=entry.series.times - 1))
        except MedviewError as error:
            opened.append(error)
    return found, opened, time.perf_counter() - start


def _check_nothing_unaccounted(folder: Path, found: Scan) -> None:
    """Every file is part of a series or skipped, and none is both."""
    if any(p.suffix == ".zip" for p in folder.iterdir()):
        return
    used: set[str] = set()
    for entry in found.entries:
        content = entry.content
        if isinstance(content, Part):
            files = {i.header.source.label for i in content.instances}
            assert entry.series.files == len(content.instances)
        else:
            assert isinstance(content, FileImage | RasterImage)
            more = content.companions if isinstance(content, FileImage) else ()
            files = {content.source.label, *map(str, more)}
        used |= files
    skipped = [s.path for s in found.skipped]
    assert used.isdisjoint(skipped), "both used and skipped"
    assert used.union(skipped) == set(map(str, folder.iterdir())), "a file is unaccounted for"


def _check_overlays(entry: SeriesEntry) -> None:
    try:
        planes = overlays(entry, time=entry.series.times - 1)
    except MedviewError as error:
        assert error.message.endswith(".")  # noqa: PT017 - a refusal is one of the outcomes
        return
    for plane in (p for of_slice in planes for p in of_slice):
        assert plane.mask.shape == (entry.series.shape or ())[-2:]


def _check_nothing_vanished(found: Scan) -> None:
    for skipped in found.skipped:
        assert skipped.message.endswith(".")
        assert skipped.code != UNFORESEEN, skipped
    for entry in found.entries:
        series = entry.series
        if isinstance(entry.content, Part) and series.kind == "volume" and not series.repairs:
            shape = series.shape or (0,)
            assert shape[0] * series.times == series.frames


def cases(data_dir: Path, made: Path, count: int, seed: int) -> Iterator[tuple[Case, list[Path]]]:
    """Seeds in turn, each with random damage that `seed` determines."""
    pool = seeds(data_dir, made)
    for number in range(count):
        files = pool[number % len(pool)]
        yield Case(files[0].name, seed * 1_000_003 + number), files


def run_case(case: Case, files: list[Path], folder: Path) -> str:
    """Write one case into an empty folder, check it, and clear the folder."""
    try:
        write_case(files, folder, random.Random(case.seed))
        return check(folder)
    finally:
        for path in folder.iterdir():
            path.unlink()


def main() -> int:
    """Run many cases; keep the folders of those that fail."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--keep", type=Path, default=None, help="folder for failing cases")
    options = parser.parse_args()
    outcomes: dict[str, int] = {}
    failures = 0
    with tempfile.TemporaryDirectory() as name:
        made = Path(name) / "seeds"
        for case, files in cases(options.data, made, options.count, options.seed):
            folder = Path(name) / "case"
            folder.mkdir(exist_ok=True)
            write_case(files, folder, random.Random(case.seed))
            try:
                result = check(folder)
            except Exception as error:  # noqa: BLE001 - every kind of failure is counted
                failures += 1
                result = "FAILED"
                sys.stderr.write(f"{case.name} {case.seed}: {error!r}\n")
                if failures <= 5:
                    traceback.print_exc()
                if options.keep is not None:
                    shutil.copytree(folder, options.keep / str(case.seed))
            outcomes[result] = outcomes.get(result, 0) + 1
            shutil.rmtree(folder)
    for result, number in sorted(outcomes.items(), key=lambda item: -item[1]):
        sys.stdout.write(f"{number:8d}  {result}\n")
    sys.stdout.write(f"{failures} failures in {options.count} cases\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
