"""Sort files into DICOM series, volume files and what is skipped."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from medview.core.data.intensity import Intensity
from medview.core.data.series import Series, Skipped, Study
from medview.core.errors import InputError
from medview.io.dicom import elements, tags
from medview.io.dicom.catalogue import (
    Planes,
    SeriesKey,
    content_uid,
    parts_of_series,
    patient_of,
    planes_of,
    series_key,
)
from medview.io.dicom.describe import describe_part
from medview.io.dicom.instance import Instance, instance_of
from medview.io.dicom.part import Part
from medview.io.dicom.read import read_dicom_header
from medview.io.dicom.roles import DIRECTORY_CLASS
from medview.io.itk import FileImage, read_information, suffix_of
from medview.io.source import ByteSource

Contents = tuple[tuple[Series, Part | FileImage], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Everything at a path: studies with their series, and skipped files."""

    studies: tuple[tuple[Study, Contents], ...]
    skipped: tuple[Skipped, ...]


class Collector:
    """Takes files one by one and says in the end what they make up."""

    def __init__(self) -> None:
        self._dicom: dict[SeriesKey, list[Planes]] = defaultdict(list)
        self._files: list[tuple[Series, FileImage]] = []
        self._skipped: list[Skipped] = []

    def add(self, path: Path) -> None:
        """Look at one file."""
        source = ByteSource(path)
        try:
            self._sort_in(source)
        except InputError as error:
            self._skip(source, error.code, error.message)
        except OSError:
            self._skip(source, "unreadable", f"{source.name} cannot be read.")

    def _sort_in(self, source: ByteSource) -> None:
        if suffix_of(source.path):
            self._files.append(_volume_file(source))
            return
        header = read_dicom_header(source)
        if header is None:
            self._skip(source, "not-an-image", f"{source.name} is not an image that can be read.")
            return
        instance = instance_of(header)
        if instance.sop_class == DIRECTORY_CLASS:
            self._skip(source, "directory", f"{source.name} is a table of contents.")
            return
        self._dicom[series_key(instance)].append(planes_of(instance))

    def _skip(self, source: ByteSource, code: str, message: str) -> None:
        self._skipped.append(Skipped(source.label, code, message))

    def finish(self) -> Found:
        """Group what was collected."""
        studies: dict[tuple[str, ...], tuple[Study, list[tuple[Series, Part | FileImage]]]] = {}
        for uid, part in self._named_parts():
            first = part.instances[0]
            key = (*first.patient_key, first.study_uid)
            if key not in studies:
                studies[key] = (_study_of(first), [])
            studies[key][1].append((describe_part(part, uid), part))
        found = [(study, tuple(contents)) for study, contents in studies.values()]
        if self._files:
            found.append((Study(uid=None), tuple(self._files)))
        return Found(tuple(found), tuple(self._skipped))

    def _named_parts(self) -> list[tuple[str, Part]]:
        by_uid: dict[str, list[Part]] = defaultdict(list)
        for objects in self._dicom.values():
            uid = objects[0].instance.series_uid or content_uid(o.instance for o in objects)
            by_uid[uid].extend(parts_of_series(objects))
        named = []
        for uid, parts in by_uid.items():
            if len(parts) == 1:
                named.append((uid, parts[0]))
            else:
                named.extend((f"{uid}#{n}", part) for n, part in enumerate(parts, 1))
        return named


def _study_of(instance: Instance) -> Study:
    header = instance.header
    return Study(
        uid=instance.study_uid or None,
        date=elements.text(header, tags.STUDY_DATE) or None,
        description=elements.words_of_person(header, tags.STUDY_DESCRIPTION) or "",
        patient=patient_of(instance),
    )


def _volume_file(source: ByteSource) -> tuple[Series, FileImage]:
    image = read_information(source.path)
    with source.open() as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
    series = Series(
        uid=f"file:{digest}",
        kind="volume",
        description=source.name,
        shape=image.grid.shape,
        grid=image.grid,
        spacing_mm=image.grid.spacing_mm,
        intensity=Intensity.ARBITRARY,
        times=image.times,
        frames=image.grid.shape[0] * image.times,
        warnings=image.warnings,
    )
    return series, image
