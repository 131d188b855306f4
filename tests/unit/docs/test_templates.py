"""A new package of every kind is installed, found and conformant as it was written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from medview.host.template import KINDS, Kind

NOWHERE = "http://127.0.0.1:9"


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_package_is_installed_offline_and_keeps_the_contract(
    kind: Kind, tmp_path: Path
) -> None:
    def medview(*arguments: str) -> Any:
        environ = {
            **os.environ,
            "MEDVIEW_HOME": str(tmp_path / "home"),
            **dict.fromkeys(("http_proxy", "https_proxy", "PIP_INDEX_URL"), NOWHERE),
        }
        command = [sys.executable, "-m", "medview", "plugins", *arguments]
        ended = subprocess.run(
            command, env=environ, capture_output=True, text=True, timeout=240, cwd=tmp_path
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return json.loads(ended.stdout) if "--json" in arguments else ended.stdout

    medview("new", "first-try", "--kind", kind, "-o", "work")
    medview("install", "work/first-try", "--yes")
    told = medview("check", "first-try", "--json")
    assert told["schema"] == "medview.check/1"
    (model,) = told["models"]
    assert model["id"] == "first-try"
    states = {check["check"]: check["state"] for check in model["checks"]}
    expected = "not checked" if kind in ("grading", "tiles") else "passed"
    assert states.pop("geometry") == expected
    assert set(states.values()) == {"passed"}
