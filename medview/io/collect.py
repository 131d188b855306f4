"""Sort files into DICOM series, volume files, pictures, and what is skipped."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from medview.core.data.intensity import Intensity
from medview.core.data.series import Series, Skipped, Study
from medview.core.errors import InputError, MedviewError
from medview.io import archive, raster
from medview.io.dicom import elements, tags
from medview.io.dicom.catalogue import (
    SeriesKey,
    content_uid,
    parts_of_series,
    patient_of,
    series_key,
)
from medview.io.dicom.describe import describe_part
from medview.io.dicom.directory import referenced_files
from medview.io.dicom.header import is_surely_dicom
from medview.io.dicom.instance import Instance, instance_of
from medview.io.dicom.part import Part
from medview.io.dicom.planes import Planes, planes_of
from medview.io.dicom.read import read_dicom_header
from medview.io.dicom.roles import DIRECTORY_CLASS
from medview.io.file_image import FileImage
from medview.io.itk import read_information, suffix_of
from medview.io.notices import LOSSY_COMPRESSION
from medview.io.raster import RasterImage
from medview.io.source import ByteSource

Content = Part | FileImage | RasterImage
Contents = tuple[tuple[Series, Content], ...]
_LOG = logging.getLogger(__name__)
UNFORESEEN = "unforeseen"
"""Code of what was skipped because of an error that no reader expects: a defect of its own."""
_PROBE_BYTES = 132
_DICOM_MAGIC = b"DICM"
_GZIP_MAGIC = b"\x1f\x8b"
_DETACHED = (".hdr", ".img", ".nhdr", ".mhd")


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Everything at a path: studies with their series, and skipped files."""

    studies: tuple[tuple[Study, Contents], ...]
    skipped: tuple[Skipped, ...]


class Collector:
    """Takes files one by one and says in the end what they make up.

    Parameters
    ----------
    still_going : callable, optional
        Called between the files that one file holds or names; may raise `Cancelled`.
    """

    def __init__(self, still_going: Callable[[], None] = lambda: None) -> None:
        self._still_going = still_going
        self._dicom: dict[SeriesKey, list[Planes]] = defaultdict(list)
        self._files: list[tuple[Series, FileImage | RasterImage]] = []
        self._used_up: set[Path] = set()
        self._touched: set[SeriesKey] = set()
        self._skipped: list[Skipped] = []

    def add(self, path: Path, *, follow: bool = False) -> None:
        """Look at one file, and into it if it is an archive.

        Parameters
        ----------
        path : Path
        follow : bool
            Whether to read what a DICOMDIR names, too.
        """
        source = ByteSource(path)
        with self._faults_of(source):
            head = source.head(_PROBE_BYTES)
            if head.startswith(archive.ZIP_MAGIC):
                self._add_archive(path)
            else:
                self._sort_in(source, head, follow=follow)

    def _add_archive(self, path: Path) -> None:
        for found in archive.members(path):
            self._still_going()
            if isinstance(found, Skipped):
                self._skipped.append(found)
                continue
            with self._faults_of(found):
                self._sort_in(found, found.head(_PROBE_BYTES), follow=False)

    @contextmanager
    def _faults_of(self, *sources: ByteSource) -> Iterator[None]:
        """Skip sources with the reason where they cannot be used; the rest goes on."""
        try:
            yield
        except MedviewError as error:
            for source in sources:
                self._skip(source, error.code, error.message)
        except OSError:
            for source in sources:
                self._skip(source, "unreadable", f"{source.name} cannot be read.")
        # One file must never cost the folder, whatever its damage leads a reader into.
        except Exception as error:  # noqa: BLE001
            _LOG.error("A file was skipped because of %s.", type(error).__name__)
            for source in sources:
                self._skip(source, UNFORESEEN, f"{source.name} is damaged and was skipped.")

    def _sort_in(self, source: ByteSource, head: bytes, *, follow: bool) -> None:
        suffix = suffix_of(Path(source.name))
        if head[128:] == _DICOM_MAGIC or is_surely_dicom(head):
            self._add_dicom(source, head, follow=follow)
        elif suffix is not None and not (suffix == ".img" and self._is_used(source)):
            self._add_volume_file(source, suffix)
        elif raster.looks_like_picture(head):
            self._files.append(_picture_file(source))
        elif head.startswith(archive.ZIP_MAGIC):
            self._skip(source, "nested-archive", f"{source.name} is an archive in an archive.")
        elif head.startswith(_GZIP_MAGIC) and not source.gzipped:
            inner = replace(source, gzipped=True)
            self._sort_in(inner, inner.head(_PROBE_BYTES), follow=False)
        else:
            self._add_dicom(source, head, follow=follow)

    def _is_used(self, source: ByteSource) -> bool:
        return source.member is None and source.path in self._used_up

    def _add_dicom(self, source: ByteSource, head: bytes, *, follow: bool) -> None:
        header = read_dicom_header(source, head)
        if header is None:
            if not self._is_used(source):
                self._skip(
                    source, "not-an-image", f"{source.name} is not an image that can be read."
                )
            return
        instance = instance_of(header)
        if instance.sop_class == DIRECTORY_CLASS:
            self._add_directory(source, follow=follow)
            return
        planes = planes_of(instance)
        if not planes.frames and not (instance.sop_class or instance.modality):
            self._skip(source, "no-content", f"{source.name} holds neither image nor document.")
            return
        key = series_key(instance)
        self._dicom[key].append(planes)
        self._touched.add(key)

    def _add_directory(self, source: ByteSource, *, follow: bool) -> None:
        self._skip(source, "directory", f"{source.name} is a table of contents.")
        if not follow:
            return
        found, missing = referenced_files(source.path)
        self._skipped.extend(missing)
        for path in found:
            self._still_going()
            self.add(path)

    def _add_volume_file(self, source: ByteSource, suffix: str) -> None:
        if source.member is not None and suffix in _DETACHED:
            raise InputError(
                f"{source.name} keeps its values in a second file; unpack the archive first.",
                code="unsupported-archive",
            )
        series, image = _volume_file(source)
        self._files.append((series, image))
        self._used_up.update(image.companions)

    def skip(self, skipped: Skipped) -> None:
        """Note what is no file to look at."""
        self._skipped.append(skipped)

    def _skip(self, source: ByteSource, code: str, message: str) -> None:
        self._skipped.append(Skipped(source.label, code, message))

    def grown(self) -> list[tuple[Study, Series]]:
        """Series that got files since the last call, as they look so far."""
        found = []
        for key in self._touched:
            objects = self._dicom[key]
            uid = objects[0].instance.series_uid
            if not uid:
                continue  # its UID is known only when all of its files are
            # What fails here fails again at the end, and is told then.
            with self._faults_of():
                parts = parts_of_series(objects)
                for number, part in enumerate(parts, 1):
                    name = uid if len(parts) == 1 else f"{uid}#{number}"
                    found.append((_study_of(part.instances[0]), describe_part(part, name)))
        self._touched.clear()
        return found

    def finish(self) -> Found:
        """Group what was collected."""
        studies: dict[tuple[str, ...], tuple[Study, list[tuple[Series, Content]]]] = {}
        for uid, part in self._named_parts():
            first = part.instances[0]
            key = (*first.patient_key, first.study_uid)
            with self._faults_of(*(i.header.source for i in part.instances)):
                series = describe_part(part, uid)
                if key not in studies:
                    studies[key] = (_study_of(first), [])
                studies[key][1].append((series, part))
        found: list[tuple[Study, Contents]] = [
            (study, tuple(contents)) for study, contents in studies.values()
        ]
        if self._files:
            found.append((Study(uid=None), tuple(_told_apart(self._files))))
        used = {str(p) for p in self._used_up}
        skipped = tuple(s for s in self._skipped if s.path not in used)
        return Found(tuple(found), skipped)

    def _named_parts(self) -> list[tuple[str, Part]]:
        by_uid: dict[str, list[Part]] = defaultdict(list)
        for objects in self._dicom.values():
            with self._faults_of(*(o.instance.header.source for o in objects)):
                uid = objects[0].instance.series_uid or content_uid(o.instance for o in objects)
                by_uid[uid].extend(parts_of_series(objects))
        named = []
        for uid, parts in by_uid.items():
            if len(parts) == 1:
                named.append((uid, parts[0]))
            else:
                named.extend((f"{uid}#{n}", part) for n, part in enumerate(parts, 1))
        return named


def _told_apart(
    files: Iterable[tuple[Series, FileImage | RasterImage]],
) -> Iterable[tuple[Series, Content]]:
    """Files of equal content get a number, because a UID must name one thing."""
    counts = Counter(series.uid for series, _ in files)
    seen: Counter[str] = Counter()
    for series, content in files:
        seen[series.uid] += 1
        if counts[series.uid] > 1:
            yield replace(series, uid=f"{series.uid}#{seen[series.uid]}"), content
        else:
            yield series, content


def _study_of(instance: Instance) -> Study:
    header = instance.header
    return Study(
        uid=instance.study_uid or None,
        date=elements.text(header, tags.STUDY_DATE) or None,
        description=elements.words_of_person(header, tags.STUDY_DESCRIPTION) or "",
        patient=patient_of(instance),
    )


def _file_uid(source: ByteSource) -> str:
    digest = hashlib.sha256()
    with source.open() as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return f"file:{digest.hexdigest()}"


def _volume_file(source: ByteSource) -> tuple[Series, FileImage]:
    image = read_information(source)
    is_colour = image.samples > 1
    series = Series(
        uid=_file_uid(source),
        kind="stack" if is_colour else "volume",
        description=source.name,
        shape=image.grid.shape,
        grid=None if is_colour else image.grid,
        spacing_mm=image.grid.spacing_mm,
        intensity=Intensity.RGB if is_colour else Intensity.ARBITRARY,
        times=image.times,
        frames=image.grid.shape[0] * image.times,
        files=1 + len(image.companions),
        warnings=image.warnings,
    )
    return series, image


def _picture_file(source: ByteSource) -> tuple[Series, RasterImage]:
    picture = raster.read_picture_information(source)
    series = Series(
        uid=_file_uid(source),
        kind="slide" if picture.levels else "image",
        description=source.name,
        shape=None if picture.levels else (picture.rows, picture.columns),
        intensity=Intensity.RGB if picture.is_rgb else Intensity.ARBITRARY,
        times=picture.pages,
        frames=picture.pages,
        levels=picture.levels,
        mpp=picture.mpp,
        warnings=(LOSSY_COMPRESSION,) if picture.is_lossy else (),
    )
    return series, picture
