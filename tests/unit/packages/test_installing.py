"""Packages are installed whole, each in its own directory, with pins of its own."""

from __future__ import annotations

import os
import sysconfig
from pathlib import Path

import numpy as np
import psutil
import psygnal
import pytest

from medview.app.controllers.models import open_catalogue, open_isolation
from medview.app.controllers.packages.install import install_package, looked_at
from medview.core.data.intensity import Intensity
from medview.core.data.source import SourceInfo
from medview.core.data.volume import Volume
from medview.core.errors import ModelError
from medview.core.findings.measurements import Measurements
from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid
from medview.core.progress import Cancelled
from medview.host.call import run_model
from medview.host.hashing import sha256_of
from medview.host.packages.errors import PackageError
from medview.host.packages.places import Places
from medview.host.packages.rebuild import own_wheel
from tests.fake_models import PlainContext
from tests.unit.packages.wheels import hooks, model_wheel, source_folder, wheel

WHICH = "import ext_lib; told = ext_lib.VALUE"


@pytest.fixture
def ct() -> Volume:
    grid = Grid((3, 4, 5), compose((0, 0, 0), np.eye(3)[:, ::-1], (1, 1, 1)), "1.2.3")
    info = SourceInfo("volume", modality="CT", intensity=Intensity.HOUNSFIELD)
    return Volume(np.zeros((3, 4, 5), np.int16), grid, info)


@pytest.fixture
def tell(ct):
    """Runs installed models on a small CT; gives what each of them told."""

    def told_by(handle) -> float | str:
        (item,) = run_model(handle, ct, None, PlainContext()).items
        assert isinstance(item, Measurements)
        return item.items[0].value

    def run(*models: str) -> list[float | str]:
        catalogue = open_catalogue(dict(os.environ))
        try:
            return [told_by(catalogue.handle(model)) for model in models]
        finally:
            catalogue.close()

    return run


def of_the_application() -> dict[str, int]:
    """What lies in the application's own environment, and when each last changed."""
    site = Path(sysconfig.get_paths()["purelib"])
    return {path.name: path.stat().st_mtime_ns for path in site.iterdir()}


def library(folder: Path, version: str) -> Path:
    return wheel(folder, "ext-lib", version, files={"ext_lib.py": f"VALUE = {version}\n"})


def test_two_packages_with_contradictory_pins_work_side_by_side(add, tell, tmp_path):
    house = tmp_path / "house"
    library(house, "1.0")
    library(house, "2.0")
    add(model_wheel(tmp_path, "needs-old", told=WHICH, requires=["ext-lib==1.0"]), house)
    add(model_wheel(tmp_path, "needs-new", told=WHICH, requires=["ext-lib==2.0"]), house)
    assert tell("needs-old", "needs-new", "needs-old") == [1.0, 2.0, 1.0]


def test_what_agrees_with_the_application_is_shared(add, store, tmp_path):
    made = add(model_wheel(tmp_path, "shares", requires=["medview-imaging", "numpy>=2"]))
    assert not made.complete
    assert [item.name for item in made.locked] == ["shares"]
    assert f"numpy=={np.__version__}" in made.shared
    assert not (store.site(made.id) / "numpy").exists()


def test_pins_that_contradict_the_application_get_a_complete_set_of_their_own(
    add, tell, store, tmp_path
):
    other = "999.0"
    house = tmp_path / "house"
    wheel(house, "platformdirs", other, files={"platformdirs.py": f"VALUE = {other!r}\n"})
    # Where wheels come from lies what must never be taken for the application.
    decoy = "raise SystemExit('the other project was imported')\n"
    for name in ("medview-imaging", "medview"):
        wheel(house, name, "0.1.0", files={"medview/__init__.py": decoy})
        wheel(house, name, "99.0", files={"medview/__init__.py": decoy})
    told = (
        "import platformdirs, importlib.util as u; "
        f"told = float(platformdirs.VALUE == {other!r} and u.find_spec('SimpleITK') is None)"
    )
    asked = ["medview-imaging", f"platformdirs=={other}"]
    untouched = of_the_application()
    made = add(model_wheel(tmp_path, "other-pins", told=told, requires=asked), house)
    assert made.complete
    assert made.shared == ()
    assert {"medview-imaging", "numpy", "pluggy", "psygnal"} <= {i.name for i in made.locked}
    assert (store.site(made.id) / "medview" / "worker").is_dir()
    (ours,) = (item for item in made.locked if item.name == "medview-imaging")
    assert ours.origin == "medview"
    assert ours.sha256 == sha256_of(own_wheel(tmp_path / "own"))
    # It has its own version, and sees nothing of what the application has besides.
    assert tell("other-pins") == [1.0]
    assert of_the_application() == untouched
    import platformdirs

    assert not hasattr(platformdirs, "VALUE")


def test_a_decoy_on_the_index_is_not_taken_for_the_application(add, tmp_path):
    house = tmp_path / "house"
    wheel(house, "medview-imaging", "99.0", files={"medview/__init__.py": "raise SystemExit\n"})
    with pytest.raises(PackageError, match=r"this is 0\.1") as caught:
        add(model_wheel(tmp_path, "wants-more", requires=["medview-imaging>=99"]), house)
    assert caught.value.code == "package-other-medview"
    made = add(model_wheel(tmp_path, "modest", requires=["medview-imaging"]), house)
    assert [item.name for item in made.locked] == ["modest"]


def test_the_other_project_of_the_name_is_refused_also_as_a_dependency_of_a_dependency(
    add, store, tmp_path
):
    house = tmp_path / "house"
    wheel(house, "medview", "3.0", files={"medview/__init__.py": "VALUE = 1\n"})
    wheel(house, "ext-lib", "1.0", requires=["medview"])
    for name, asked in (("direct", "medview"), ("indirect", "ext-lib")):
        with pytest.raises(PackageError) as caught:
            add(model_wheel(tmp_path, name, requires=[asked]), house)
        assert caught.value.code == "package-decoy"
    assert store.index().packages == {}


@pytest.mark.parametrize("taken", ["medview/extra.py", "json.py", "sitecustomize.py"])
def test_a_wheel_that_would_take_the_place_of_medview_or_python_is_refused(
    add, store, tmp_path, taken
):
    bad = model_wheel(tmp_path, "shadow", extra={taken: "VALUE = 1\n"})
    with pytest.raises(PackageError) as caught:
        add(bad)
    assert caught.value.code == "package-shadows"
    assert store.index().packages == {}


def test_a_dependency_that_shadows_python_is_refused_too(add, tmp_path):
    house = tmp_path / "house"
    wheel(house, "ext-lib", "1.0", files={"ctypes/__init__.py": "VALUE = 1\n"})
    with pytest.raises(PackageError) as caught:
        add(model_wheel(tmp_path, "shadow", requires=["ext-lib"]), house)
    assert caught.value.code == "package-shadows"


def test_what_is_nowhere_to_be_had_is_told_and_nothing_is_left(add, store, folders, tmp_path):
    with pytest.raises(PackageError, match="absent-lib") as caught:
        add(model_wheel(tmp_path, "lacking", requires=["absent-lib"]))
    assert "No package index was asked" in caught.value.message
    assert store.index().packages == {}
    assert list((folders.models / "staging").iterdir()) == []


def test_a_folder_is_installed_offline_with_the_build_backend_that_the_application_ships(
    add, tell, tmp_path
):
    folder = source_folder(tmp_path / "from-source", "from-source")
    before = sorted(folder.rglob("*"))
    made = add(folder)
    assert made.source == "folder"
    assert sorted(folder.rglob("*")) == before
    assert tell("from-source") == [1.0]


def test_a_model_that_cannot_be_imported_is_not_installed_and_the_one_before_goes_on(
    add, tell, store, tmp_path
):
    first = add(model_wheel(tmp_path / "a", "steady", "1.0", told="told = 1.0"))
    broken = model_wheel(tmp_path / "b", "steady", "2.0", text="import no_such_module\n")
    with pytest.raises(PackageError, match="no_such_module") as caught:
        add(broken)
    assert caught.value.code == "package-broken"
    assert store.index().packages["steady"].current == first
    assert tell("steady") == [1.0]


def test_a_package_that_is_no_model_is_not_installed(add, tmp_path):
    with pytest.raises(PackageError) as caught:
        add(wheel(tmp_path, "some-library"))
    assert caught.value.code == "package-without-model"


def test_a_model_for_another_api_is_not_installed(add, tmp_path):
    with pytest.raises(PackageError, match=r"medview\.model\.v2"):
        add(model_wheel(tmp_path, "tomorrow", api="medview.model.v2"))


def test_a_model_that_describes_itself_otherwise_than_was_shown_is_not_installed(add, tmp_path):
    text = hooks("liar", intended_use="For diagnosis of everything.")
    with pytest.raises(PackageError, match="intended use") as caught:
        add(model_wheel(tmp_path, "liar", text=text))
    assert caught.value.code == "package-other-terms"


def test_an_upgrade_is_a_new_directory_and_can_be_rolled_back(add, tell, store, tmp_path):
    old = add(model_wheel(tmp_path / "a", "grows", "1.0", told="told = 1.0"))
    new = add(model_wheel(tmp_path / "b", "grows", "2.0", told="told = 2.0"))
    assert tell("grows") == [2.0]
    assert store.place(old.id).is_dir()
    store.change(lambda index: index.rolled_back("grows"))
    assert tell("grows") == [1.0]
    assert store.place(new.id).is_dir()


def test_an_installed_directory_cannot_be_written_by_accident(add, store, tmp_path):
    made = add(model_wheel(tmp_path, "still"))
    for path in store.place(made.id).rglob("*"):
        assert path.stat().st_mode & 0o222 == 0


def test_models_of_installed_packages_are_never_imported_here(add, tell, tmp_path):
    import sys

    add(model_wheel(tmp_path, "far-away", told="import sys; told = 3.0"))
    assert tell("far-away") == [3.0]
    assert "far_away" not in sys.modules


def test_a_run_that_fails_leaves_the_installation_whole(add, tell, tmp_path):
    add(model_wheel(tmp_path, "stumbles", told="raise ValueError('no')"))
    with pytest.raises(ModelError):
        tell("stumbles")
    add(model_wheel(tmp_path, "walks", told="told = 4.0"))
    assert tell("walks") == [4.0]


def test_a_wheel_made_of_what_is_installed_holds_the_same_files(tmp_path):
    import zipfile
    from importlib.metadata import distribution

    from medview.host.packages.rebuild import wheel_of_installed

    made = wheel_of_installed(distribution("psygnal"), tmp_path)
    with zipfile.ZipFile(made) as archive:
        inside = archive.read("psygnal/__init__.py")
    assert inside == Path(psygnal.__file__).read_bytes()


@pytest.mark.parametrize("stage", ["Resolving", "Describing"])
def test_an_installation_that_is_cancelled_leaves_what_was_there_and_nothing_else(
    add, store, folders, tmp_path, stage
):
    first = add(model_wheel(tmp_path / "a", "wanted", "1.0"))

    def cancel(fraction: float | None, text: str) -> None:
        if text.startswith(stage):
            raise Cancelled

    isolation = open_isolation(folders)
    path = model_wheel(tmp_path / "b", "wanted", "2.0")
    with pytest.raises(Cancelled), looked_at(str(path), Places()) as chosen:
        install_package(chosen, store, isolation, cancel)
    isolation.close()
    assert store.index().packages["wanted"].current == first
    assert {p.name for p in (folders.models / "generations").iterdir()} == {first.id}
    assert list((folders.models / "staging").iterdir()) == []
    assert psutil.Process().children(recursive=True) == []
