"""Whether the files of an installed package are what was installed: all of them, and no others."""

from __future__ import annotations

import py_compile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from medview.host.packages.records import Generation
from medview.host.packages.verify import problems_of
from tests.unit.packages.placing import place
from tests.unit.packages.wheels import model_wheel


@pytest.fixture
def generation(store, tmp_path) -> Generation:
    (tmp_path / "old.py").write_text("VALUE = 1\n")
    compiled = tmp_path / "old.pyc"
    py_compile.compile(str(tmp_path / "old.py"), str(compiled))
    extra: dict[str, str | bytes] = {"bone/old.py": "VALUE = 1\n"}
    extra["bone/__pycache__/old.cpython-311.pyc"] = compiled.read_bytes()
    return place(store, model_wheel(tmp_path, "bone", extra=extra))


def write(path: Path, content: bytes) -> None:
    path.parent.chmod(0o700)
    if path.exists():
        path.chmod(0o600)
    path.write_bytes(content)


def test_what_was_installed_has_no_problem(store, generation):
    assert problems_of(store, generation) == ()


def test_a_file_that_was_added_is_found(store, generation):
    write(store.site(generation.id) / "bone" / "late.py", b"VALUE = 2\n")
    (told,) = problems_of(store, generation)
    assert told == "One file was added to 'bone 1.0' after it was installed."


def test_compiled_code_that_was_replaced_is_found(store, generation):
    (compiled,) = store.site(generation.id).rglob("*.pyc")
    write(compiled, b"of another mind")
    (told,) = problems_of(store, generation)
    assert told == "One file of 'bone 1.0' was changed or is gone."


def test_a_change_that_was_written_into_the_record_of_the_package_is_found(store, generation):
    site = store.site(generation.id)
    write(site / "bone" / "old.py", b"VALUE = 3\n")
    (record,) = site.glob("*.dist-info/RECORD")
    write(record, record.read_bytes() + b"bone/late.py,,\n")
    (told,) = problems_of(store, generation)
    assert told == "2 files of 'bone 1.0' were changed or are gone."


def test_the_list_of_files_itself_is_pinned(store, generation):
    write(store.place(generation.id) / "files.json", b"{}")
    (told,) = problems_of(store, generation)
    assert told == "The list of its files is gone or was changed. Install it again."


def test_what_an_earlier_medview_installed_is_told_to_have_no_list(store, generation):
    (told,) = problems_of(store, replace(generation, files_sha256=""))
    assert "kept no list of its files" in told


def test_what_was_changed_is_not_packed(medview, store, generation, tmp_path):
    write(store.site(generation.id) / "bone" / "old.py", b"VALUE = 'changed'\n")
    ended = medview("plugins", "pack", "bone", "-o", tmp_path / "pack.zip")
    assert ended.code == 5
    assert "is not what was installed, so it is not packed" in ended.err
    assert not (tmp_path / "pack.zip").exists()


def test_a_large_file_is_packed_in_pieces(store, tmp_path, monkeypatch):
    """Reading it whole would take as much memory as the libraries of a package are large."""
    from importlib.metadata import distributions

    from medview.host.packages.rebuild import wheel_of_installed

    content = bytes(range(256)) * (12 << 12)
    made = place(store, model_wheel(tmp_path, "large", extra={"large/library.bin": content}))
    (installed,) = distributions(path=[str(store.site(made.id))])
    largest = [0]
    write_to = zipfile._ZipWriteFile.write  # type: ignore[attr-defined]

    def count(self: object, data: bytes) -> int:
        largest[0] = max(largest[0], len(data))
        return int(write_to(self, data))

    monkeypatch.setattr(zipfile._ZipWriteFile, "write", count)  # type: ignore[attr-defined]
    wheel = wheel_of_installed(installed, tmp_path / "made")
    assert 0 < largest[0] <= 1 << 20
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read("large/library.bin") == content
