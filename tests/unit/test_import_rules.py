"""What each room loads, seen in a fresh interpreter: the run-time twin of the import contracts."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

QT = {"PySide6", "shiboken6"}
VTK = {"vtk", "vtkmodules"}
TORCH = {"torch", "monai"}
READERS = {"pydicom", "SimpleITK"}

FORBIDDEN = {
    "medview.core": QT | VTK | TORCH | READERS | {"pluggy"},
    "medview.api": QT | VTK | TORCH | READERS,
    "medview.io": QT | VTK | TORCH,
    "medview.host": QT | VTK | TORCH,
    "medview.config": QT | VTK | TORCH,
    "medview.jobs": QT | VTK | TORCH,
    "medview.render": QT | TORCH | READERS | {"pluggy"},
    "medview.view": TORCH | READERS | {"pluggy"},
    "medview.worker": QT | VTK | TORCH | READERS,
    "medview.testing": QT | VTK | TORCH,
    "medview.evaluate": QT | VTK,
    "medview.app": TORCH,
    "medview.app.cli": QT | VTK | TORCH | READERS,
}

LOADS_ALL_OF = """
import importlib, json, pkgutil, sys
package = importlib.import_module(sys.argv[1])
names = [module.name for module in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
for name in names:
    if not name.endswith("__main__"):
        importlib.import_module(name)
print(json.dumps([len(names), sorted(sys.modules)]))
"""


def loaded_by(package: str) -> tuple[int, set[str]]:
    """Number of modules in `package`, and all that importing every one of them brings."""
    command = [sys.executable, "-W", "ignore", "-c", LOADS_ALL_OF, package]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    count, names = json.loads(done.stdout.splitlines()[-1])
    return count, set(names)


@pytest.mark.parametrize("package", sorted(FORBIDDEN))
def test_a_room_loads_nothing_that_it_may_not_know(package: str) -> None:
    _, names = loaded_by(package)
    assert {name for name in names if name.split(".")[0] in FORBIDDEN[package]} == set()
    assert "vtkmodules.all" not in names


def test_the_check_sees_what_is_there() -> None:
    count, names = loaded_by("medview.core")
    assert count > 10
    assert "medview.core.geometry.grid" in names
    assert "numpy" in names


def test_the_version_is_known_without_loading_anything() -> None:
    code = "import sys, medview; print(medview.__version__, 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith(" False\n")
