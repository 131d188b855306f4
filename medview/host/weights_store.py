"""`WeightsStore`: installed weights, each with the hash that it had on its first day."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from medview.core.errors import WeightsError
from medview.core.progress import ProgressFn, ignore_progress
from medview.host.hashing import file_hashes, sha256_of
from medview.host.packages.claims import Claim, held
from medview.host.packages.durable import (
    sweep_unfinished,
    sync_file,
    sync_folder,
    write_whole,
)
from medview.host.packages.errors import PackageError, disk_told
from medview.host.packages.scratch import claimed_folder
from medview.host.weights_offers import WeightsOffer

SCHEMA = "medview.weights/1"
_INCOMING = ".incoming-"
State = Literal["absent", "installed", "changed"]


@dataclass(frozen=True, slots=True)
class Record:
    """What was noted when a file was installed."""

    sha256: str
    size_bytes: int
    source: str
    installed: str


class WeightsStore:
    """Files in ``<folder>/<model id>/<name>`` and an index of their hashes.

    Safe against other processes of this person. A file is recorded before it takes its place,
    and is on the disk by then: at any end it is whole, or counts as absent.

    Parameters
    ----------
    folder : Path
        Made when something is installed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def index_file(self) -> Path:
        """The index; readable by its owner alone."""
        return self._folder / "index.json"

    def path(self, model: str, name: str) -> Path:
        """Where a file lies, or would lie."""
        return self._folder / model / name

    def record(self, model: str, name: str) -> Record | None:
        """What was noted of a file; None if it was never installed."""
        return self._records().get(f"{model}/{name}")

    def state(self, model: str, name: str) -> State:
        """Whether a file is here and of the size it had; `verify` looks at its content."""
        path, record = self.path(model, name), self.record(model, name)
        if not path.is_file():
            return "absent"
        if record is None or path.stat().st_size != record.size_bytes:
            return "changed"
        return "installed"

    def verify(self, model: str, name: str, progress: ProgressFn = ignore_progress) -> State:
        """As `state`, with the whole file read and its SHA-256 compared."""
        state, record = self.state(model, name), self.record(model, name)
        if state != "installed" or record is None:
            return state
        same = sha256_of(self.path(model, name), progress) == record.sha256
        return "installed" if same else "changed"

    def sound_path(self, model: str, name: str) -> Path:
        """Path of an installed file whose content is what was installed.

        Raises
        ------
        WeightsError
            If it is absent or was changed.
        """
        state = self.verify(model, name)
        if state == "absent":
            raise WeightsError(
                f"The weights '{name}' of '{model}' are not installed. "
                f"They can be had with: medview weights install {name}",
                code="weights-missing",
            )
        if state == "changed":
            raise WeightsError(
                f"The weights '{name}' of '{model}' are not the file that was installed. "
                f"Remove them (medview weights remove {name}) and install them again.",
                code="weights-changed",
            )
        return self.path(model, name)

    @contextmanager
    def incoming(self, offer: WeightsOffer) -> Iterator[Path]:
        """A private temporary file in the store; gone when the block ends, or after a crash."""
        _private_folder(self._folder)
        with _told(), claimed_folder(self._folder, _INCOMING) as holder:
            yield holder / offer.name

    @contextmanager
    def partial(self, offer: WeightsOffer) -> Iterator[Path]:
        """Where a download of an offer grows, ours alone; what was cut off stays there.

        Raises
        ------
        WeightsError
            If another process downloads it at this moment, code ``weights-busy``.
        """
        target = self.path(offer.model, offer.name)
        _private_folder(target.parent)
        part = target.with_name(f".{offer.name}.part")
        claim = Claim(part.with_name(f"{part.name}.claim"))
        with _told(), disk_told("The download"):
            is_ours = claim.take()
        if not is_ours:
            raise WeightsError(
                f"Another medview is downloading '{offer.name}'. Wait for its end.",
                code="weights-busy",
            )
        try:
            yield part
        finally:
            claim.discard()

    def add(
        self,
        offer: WeightsOffer,
        file: Path,
        source: str,
        progress: ProgressFn = ignore_progress,
    ) -> Record:
        """Check a file in full and move it to its place.

        Parameters
        ----------
        offer : WeightsOffer
        file : Path
            In the store's folder already (`incoming`), so that a rename is enough.
        source : str
            A URL, or ``"file"``: paths of a person are not kept.

        Raises
        ------
        WeightsError
            If its hash is not what the publisher states, or not what it was
            when these weights were installed first, whoever states another one.
        """
        sha256, md5 = file_hashes(file, progress)
        size = file.stat().st_size
        wrong = offer.mismatch(sha256, md5, size)
        if wrong:
            raise WeightsError(
                f"This file is not '{offer.name}': {wrong}. Nothing was installed.",
                code="weights-mismatch",
            )
        target = self.path(offer.model, offer.name)
        record = Record(sha256, size, source, datetime.now(UTC).isoformat(timespec="seconds"))
        with self._locked():
            records = self._records()
            before = records.get(f"{offer.model}/{offer.name}")
            if before is not None and before.sha256 != sha256:
                raise WeightsError(
                    f"This file is not the '{offer.name}' that was installed before: the SHA-256 "
                    "differs. If that is meant, remove it first: "
                    f"medview weights remove {offer.name}",
                    code="weights-mismatch",
                )
            file.chmod(0o600)
            sync_file(file)
            _private_folder(target.parent)
            self._write({**records, f"{offer.model}/{offer.name}": record})
            file.replace(target)
            sync_folder(target.parent)
        return record

    def remove(self, model: str, name: str) -> bool:
        """Delete a file and what was noted of it; whether there was anything."""
        path = self.path(model, name)
        with self._locked():
            records = self._records()
            there = path.is_file() or f"{model}/{name}" in records
            path.unlink(missing_ok=True)
            if records.pop(f"{model}/{name}", None) is not None:
                self._write(records)
        return there

    @contextmanager
    def _locked(self) -> Iterator[None]:
        _private_folder(self._folder)
        lock = self._folder / "lock"
        with _told(), disk_told("Changing the weights"), held(lock, what="the weights"):
            sweep_unfinished(self._folder)
            yield

    def _records(self) -> dict[str, Record]:
        try:
            data: Any = json.loads(self.index_file.read_text(encoding="utf-8"))
            if data["schema"] != SCHEMA:
                raise ValueError(data["schema"])
            return {key: Record(**entry) for key, entry in data["files"].items()}
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise WeightsError(
                f"The list of installed weights ({self.index_file.name}) cannot be read: "
                f"{error.strerror or type(error).__name__}.",
                code="weights-index-unreadable",
            ) from error
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise WeightsError(
                f"The list of installed weights ({self.index_file.name}) is damaged, so none can "
                "be trusted. Delete it and install the weights again.",
                code="weights-index-damaged",
            ) from error

    def _write(self, records: dict[str, Record]) -> None:
        files = {key: asdict(record) for key, record in sorted(records.items())}
        text = json.dumps({"schema": SCHEMA, "files": files}, indent=2)
        write_whole(self.index_file, text.encode())


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except PackageError as error:
        raise WeightsError(error.message, code=error.code) from error


def _private_folder(folder: Path) -> None:
    try:
        for place in reversed([p for p in (folder, *folder.parents) if not p.exists()]):
            place.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise WeightsError(
            f"The folder for weights cannot be made ({error.strerror}).", code="not-writable"
        ) from error
