"""Devices are found without torch, and a request for one that is not there is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from medview.core.errors import UsageError
from medview.jobs import devices
from medview.jobs.devices import Device, choose_device, list_devices

GPUS = (Device("cuda:0", "cuda", "A", 2**34), Device("cuda:1", "cuda", "B", 2**34))


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_cuda_devices", tuple)
    monkeypatch.setattr(devices, "_mps_devices", tuple)


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_cuda_devices", lambda: GPUS)
    monkeypatch.setattr(devices, "_mps_devices", tuple)


def test_the_cpu_is_always_there_and_last(two_gpus: None) -> None:
    assert [d.id for d in list_devices()] == ["cuda:0", "cuda:1", "cpu"]


@pytest.mark.usefixtures("two_gpus")
@pytest.mark.parametrize(
    ("request_", "chosen"),
    [("auto", "cuda:0"), ("cpu", "cpu"), ("cuda", "cuda:0"), ("cuda:1", "cuda:1")],
)
def test_a_request_is_met_where_the_device_exists(request_: str, chosen: str) -> None:
    assert choose_device(request_) == chosen


@pytest.mark.usefixtures("two_gpus")
def test_a_model_that_gains_nothing_from_a_gpu_gets_the_cpu() -> None:
    assert choose_device("auto", uses_gpu=False) == "cpu"
    assert choose_device("cuda:1", uses_gpu=False) == "cuda:1"


@pytest.mark.usefixtures("no_gpu")
@pytest.mark.parametrize("request_", ["cuda", "cuda:0", "mps"])
def test_an_absent_device_is_refused_and_the_present_ones_are_named(request_: str) -> None:
    with pytest.raises(UsageError, match="there is cpu"):
        choose_device(request_)


@pytest.mark.parametrize("request_", ["gpu", "cuda:", "cuda:x", "CPU", "", "cuda:0 "])
def test_a_request_that_cannot_be_read_is_refused(request_: str) -> None:
    with pytest.raises(UsageError, match="is no device"):
        choose_device(request_)


@pytest.mark.usefixtures("no_gpu")
def test_without_a_gpu_auto_is_the_cpu() -> None:
    assert choose_device("auto") == "cpu"


@pytest.mark.parametrize(
    ("text", "major"),
    [("cuda: Optional[str] = '12.8'\n", 12), ("cuda = '13.0'\n", 13), ("cuda = None\n", None)],
)
def test_torch_tells_its_cuda_version_without_being_imported(
    text: str, major: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "version.py").write_text("__version__ = '2.13'\ndebug = False\n" + text)
    monkeypatch.setattr(devices, "_torch_folder", lambda: tmp_path)
    assert devices._torch_cuda_version() == major


def test_listing_and_choosing_devices_imports_no_torch() -> None:
    script = (
        "import sys\n"
        "from medview.jobs.devices import choose_device, list_devices\n"
        "from medview.jobs.runner import Runner\n"
        "list_devices(); choose_device('auto')\n"
        "runner = Runner()\n"
        "print(runner.submit(lambda ctx: 'torch' in sys.modules, title='t').future.result(9))\n"
        "runner.shutdown(1)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "False"
