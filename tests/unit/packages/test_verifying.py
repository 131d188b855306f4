"""Whether the files of an installed package are what was installed: all of them, and no others."""

from __future__ import annotations

import py_compile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from medview.host.loader import Loaded
from medview.host.packages.errors import PackageError
from medview.host.packages.found import found_models
from medview.host.packages.records import Generation
from medview.host.packages.using import keeping
from medview.host.packages.verify import problems_of, require_unchanged_code
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
    assert told.startswith(
        "One file was added to 'bone 1.0' after it was installed: bone/late.py. Install it again"
    )


def test_compiled_code_that_was_replaced_is_found(store, generation):
    (compiled,) = store.site(generation.id).rglob("*.pyc")
    write(compiled, b"of another mind")
    (told,) = problems_of(store, generation)
    assert told.startswith("One file of 'bone 1.0' was changed or is gone: bone/__pycache__/old.")


def test_a_change_that_was_written_into_the_record_of_the_package_is_found(store, generation):
    site = store.site(generation.id)
    write(site / "bone" / "old.py", b"VALUE = 3\n")
    (record,) = site.glob("*.dist-info/RECORD")
    write(record, record.read_bytes() + b"bone/late.py,,\n")
    (told,) = problems_of(store, generation)
    assert told.startswith("2 files of 'bone 1.0' were changed or are gone: bone-1.0.dist-info/")
    assert "bone/old.py" in told


def test_the_list_of_files_itself_is_pinned(store, generation):
    write(store.place(generation.id) / "files.json", b"{}")
    (told,) = problems_of(store, generation)
    assert told == "The list of its files is gone or was changed. Install it again."


def test_of_many_changed_files_the_first_few_are_named(store, tmp_path):
    extra: dict[str, str | bytes] = {f"wide/part{number}.py": "VALUE = 1\n" for number in range(6)}
    generation = place(store, model_wheel(tmp_path, "wide", extra=extra))
    for name in extra:
        write(store.site(generation.id) / name, b"VALUE = 2\n")
    (told,) = problems_of(store, generation)
    assert ": wide/part0.py, wide/part1.py, wide/part2.py and 3 more. Install it again" in told


def test_code_that_was_changed_is_not_run(medview, store, generation, tmp_path):
    assert medview("models", "--json").code == 0
    write(store.site(generation.id) / "bone" / "old.py", b"VALUE = 'changed'\n")
    medview("sample", tmp_path / "thorax")
    ended = medview("run", "bone", tmp_path / "thorax", "-o", tmp_path / "out")
    assert ended.code == 5
    assert "was changed since it was installed, so its code is not run: bone/old.py." in ended.err
    assert "medview plugins install" in ended.err
    assert not (tmp_path / "out").exists()


def test_code_that_is_changed_while_the_application_runs_is_not_run_either(store, generation):
    (found,) = found_models(store, generation)
    calls: list[str] = []

    class Hooks:
        isolation = "a process"

        def run(self, source: object, params: object, ctx: object) -> str:
            calls.append("run")
            return "found"

    loaded = keeping(lambda _: Loaded(Hooks(), None, None, "bone"), store)(found)  # type: ignore[arg-type]
    assert isinstance(loaded, Loaded)
    assert loaded.plugin.run(None, None, None) == "found"  # type: ignore[arg-type]
    (store.site(generation.id) / "bone").chmod(0o700)
    (store.site(generation.id) / "bone" / "old.py").unlink()
    with pytest.raises(PackageError) as caught:
        loaded.plugin.run(None, None, None)  # type: ignore[arg-type]
    assert caught.value.code == "package-changed"
    assert calls == ["run"]


def test_what_python_compiles_itself_is_no_change_of_code(store, generation):
    site = store.site(generation.id)
    (compiled,) = site.rglob("*.pyc")
    write(compiled, b"compiled anew")
    write(site / "bone" / "__pycache__" / "late.cpython-311.pyc", b"compiled")
    (found,) = found_models(store, generation)
    require_unchanged_code(store, found)


def test_a_list_of_packages_that_is_damaged_meanwhile_ends_no_session(store, generation):
    (found,) = found_models(store, generation)
    store.index_file.write_text("no list", "utf-8")
    require_unchanged_code(store, found)


def test_the_doctor_says_that_repairing_brings_no_file_back(medview, store, generation):
    write(store.site(generation.id) / "bone" / "old.py", b"VALUE = 'changed'\n")
    ended = medview("plugins", "doctor", "bone", "--repair")
    assert ended.code == 5
    assert "bone/old.py. Install it again" in ended.out
    assert "--repair does not bring back files of a package" in ended.err


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
