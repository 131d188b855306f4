"""The wheel holds what an installed medview needs, and nothing of the checkout besides."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from medview import __version__

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = ["-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(CHECKOUT)]
    done = subprocess.run([sys.executable, *build], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_is_named_for_the_distribution(wheel: Path) -> None:
    assert wheel.name == f"medview_imaging-{__version__}-py3-none-any.whl"


def test_every_resource_and_module_is_in_the_wheel(wheel: Path) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "medview", "resources"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    if tracked.returncode != 0:
        pytest.skip("not a git checkout")
    wanted = {
        f"medview/_{path}" if path.startswith("resources/") else path
        for path in tracked.stdout.splitlines()
        if (CHECKOUT / path).exists() and not path.endswith(".gitignore")
    }
    assert wanted - set(zipfile.ZipFile(wheel).namelist()) == set()


def test_nothing_but_medview_is_in_the_wheel(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert tops == {"medview", f"medview_imaging-{__version__}.dist-info"}


def test_an_unpacked_wheel_finds_its_resources_without_the_checkout(
    wheel: Path, tmp_path: Path
) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]);"
        "from medview.core.resources import resource;"
        "print(resource('theme', 'dark.json'))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(done.stdout.strip()) == tmp_path / "medview" / "_resources" / "theme" / "dark.json"


def test_the_metadata_names_the_command_the_licence_and_the_extras(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    info = f"medview_imaging-{__version__}.dist-info"
    assert "medview = medview.app.cli:main" in archive.read(f"{info}/entry_points.txt").decode()
    assert f"{info}/licenses/LICENSE" in archive.namelist()
    metadata = archive.read(f"{info}/METADATA").decode()
    for extra in ("io", "gui", "ml", "cli", "app"):
        assert f"Provides-Extra: {extra}\n" in metadata
    base = [line for line in metadata.splitlines() if line.startswith("Requires-Dist")]
    light = {line.split()[1].split(">")[0] for line in base if "extra ==" not in line}
    assert light == {"numpy", "platformdirs", "pluggy", "psygnal"}
