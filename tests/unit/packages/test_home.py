"""An installed model sees of the person's home what it runs from, and its weights; no more."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from medview.app.cli.environment import Environment
from medview.core.data.intensity import Intensity
from medview.core.data.source import SourceInfo
from medview.core.data.volume import Volume
from medview.core.findings.measurements import Measurements
from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid
from medview.host.call import run_model
from tests.fake_models import PlainContext
from tests.unit.packages.placing import place
from tests.unit.packages.wheels import hooks, model_wheel

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux hides a home in this way")

# Its own home holds what it keeps there, so the person's is asked for by the name of the user.
COUNTS = """import os, pwd
    told = 0.0
    for name in os.listdir(pwd.getpwuid(os.getuid()).pw_dir):
        told += name not in {known!r}"""


def has_mounts() -> bool:
    """Whether this kernel lets a process have mounts of its own, asked without medview."""
    asked = ["unshare", "--user", "--map-current-user", "--mount", "true"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def test_an_installed_model_finds_nothing_of_the_home_but_the_interpreter(
    medview_home, store, tmp_path
):
    if not has_mounts():
        pytest.skip("this kernel gives no user namespaces")
    home = Path(pwd.getpwuid(os.getuid()).pw_dir)
    # What lies on the way to the interpreter and the packages is there, and empty but for them.
    runs_from = (*sys.path, sys.prefix, sys.base_prefix, str(tmp_path))
    inside = [Path(p).relative_to(home) for p in runs_from if p and Path(p).is_relative_to(home)]
    known = {path.parts[0] for path in inside if path.parts}
    if not set(os.listdir(home)) - known:  # noqa: PTH208  names alone
        pytest.skip("nothing is in this home that could be hidden")
    place(
        store, model_wheel(tmp_path, "curious", text=hooks("curious", COUNTS.format(known=known)))
    )
    grid = Grid((2, 3, 4), compose((0, 0, 0), np.eye(3)[:, ::-1], (1, 1, 1)), "1.2.3")
    info = SourceInfo("volume", modality="CT", intensity=Intensity.HOUNSFIELD)
    volume = Volume(np.zeros((2, 3, 4), np.int16), grid, info)
    environment = Environment(dict(os.environ))
    try:
        handle = environment.catalogue.handle("curious")
        (item,) = run_model(handle, volume, None, PlainContext()).items
        assert "nothing of your home folder" in handle.isolation
    finally:
        environment.close()
    assert isinstance(item, Measurements)
    assert item.items[0].value == 0.0
