"""The RECORD of a wheel: whether it tells the truth of what is inside (PEP 376, PEP 427)."""

from __future__ import annotations

import base64
import csv
import hashlib
import zipfile

from medview.host.packages.archive import DAMAGED, damaged, name_of, read_member
from medview.host.packages.errors import PackageError

_MOST = 64 << 20
_BLOCK = 1 << 20
_STRONG = ("sha256", "sha384", "sha512")
_UNSIGNED = (".dist-info/RECORD", ".dist-info/RECORD.jws", ".dist-info/RECORD.p7s")


def require_true_record(archive: zipfile.ZipFile) -> None:
    """Compare every member with its row; reads the whole wheel.

    Raises
    ------
    PackageError
        Code ``package-record``: a member is not listed, is another than was listed, or a
        listed one is not there.
    """
    names = {info.filename for info in archive.infolist() if not info.is_dir()}
    records = [n for n in names if n.count("/") == 1 and n.endswith(_UNSIGNED[0])]
    if len(records) != 1:
        raise _untrue(archive, "it has no RECORD")
    try:
        text = read_member(archive, records[0], _MOST).decode("utf-8")
        rows = {row[0]: row[1] for row in csv.reader(text.splitlines()) if row}
    except (ValueError, IndexError, csv.Error) as error:
        raise _untrue(archive, "its RECORD is damaged") from error
    listed = {name for name in rows if not name.endswith(_UNSIGNED)}
    present = {name for name in names if not name.endswith(_UNSIGNED)}
    if listed != present:
        odd = sorted(listed ^ present)[0]
        raise _untrue(
            archive, f"'{odd.rpartition('/')[2][:80]}' is only in it or only in its RECORD"
        )
    for name in sorted(present):
        kind, _, value = rows[name].partition("=")
        if kind not in _STRONG or _digest(archive, name, kind) != value:
            raise _untrue(
                archive, f"'{name.rpartition('/')[2][:80]}' is not the file that RECORD lists"
            )


def _digest(archive: zipfile.ZipFile, name: str, kind: str) -> str:
    total = hashlib.new(kind)
    try:
        with archive.open(name) as file:
            while block := file.read(_BLOCK):
                total.update(block)
    except DAMAGED as error:
        why = f"'{name.rpartition('/')[2][:80]}' in it cannot be read"
        raise damaged(archive, why) from error
    return base64.urlsafe_b64encode(total.digest()).rstrip(b"=").decode()


def _untrue(archive: zipfile.ZipFile, why: str) -> PackageError:
    return PackageError(f"The wheel '{name_of(archive)}' is refused: {why}.", code="package-record")
