"""Output is written whole or not at all, and findings are drawn only where they belong."""

from __future__ import annotations

from pathlib import Path

import pytest

from medview.app.cli.run import parameters
from medview.app.cli.snapshot import levels, pixels, point
from medview.app.controllers.output import new_file, new_folder, require_free_folder
from medview.app.controllers.snapshot import require_same_place, require_volume
from medview.core.data.intensity import Window
from medview.core.data.series import Series
from medview.core.data.source import SourceInfo
from medview.core.errors import InputError, UnfitError, UsageError
from medview.core.findings.base import Findings
from medview.core.findings.provenance import ModelIdentity, Provenance


def findings_of(series_uid, frame):
    source = SourceInfo("volume", series_uid=series_uid, frame_of_reference=frame)
    identity = ModelIdentity("m", "1", "d", "medview.model.v1")
    return Findings(provenance=Provenance(identity, source, "cpu", "float32", "t", 1.0, "0", "x"))


@pytest.mark.parametrize(
    ("series_uid", "frame"), [("1.2.3", "9.9"), ("1.2.3", None), ("4.5.6", "7.8")]
)
def test_findings_are_drawn_on_their_series_and_in_their_frame_of_reference(series_uid, frame):
    series = Series("1.2.3", "volume", frame_of_reference="7.8")
    require_same_place(findings_of(series_uid, frame), series)


@pytest.mark.parametrize(
    ("findings", "frame"),
    [
        (findings_of("4.5.6", "9.9"), "7.8"),
        (findings_of("4.5.6", None), None),
        (findings_of(None, None), None),
        (Findings(), "7.8"),
    ],
)
def test_findings_of_another_place_are_refused(findings, frame):
    with pytest.raises(UsageError, match="another series"):
        require_same_place(findings, Series("1.2.3", "volume", frame_of_reference=frame))


@pytest.mark.parametrize(
    ("kind", "error"),
    [("stack", UnfitError), ("image", InputError), ("slide", InputError), ("document", InputError)],
)
def test_planes_are_drawn_of_volumes_alone(kind, error):
    with pytest.raises(error):
        require_volume(Series("1", kind))


def test_options_of_a_snapshot_are_read():
    assert pixels("1600x1000") == (1600, 1000)
    assert levels("1500/-600") == Window(1500.0, -600.0)
    assert point("-10,5,3.5") == (-10.0, 5.0, 3.5)


@pytest.mark.parametrize("text", ["", "1600", "0x10", "1600x", "axb", "99999x99999", "-64x64"])
def test_a_wrong_size_is_refused(text):
    with pytest.raises(UsageError, match="--size"):
        pixels(text)


@pytest.mark.parametrize("text", ["", "400", "0/40", "-1/40", "a/b", "400/40/1", "nan/1"])
def test_a_wrong_window_is_refused(text):
    with pytest.raises(UsageError, match="--window"):
        levels(text)


@pytest.mark.parametrize("text", ["", "1,2", "1,2,3,4", "a,b,c", "1,2,inf"])
def test_a_wrong_point_is_refused(text):
    with pytest.raises(UsageError, match="--at"):
        point(text)


def test_a_value_may_hold_an_equals_sign():
    assert parameters(["note=a=b", "x="]) == {"note": "a=b", "x": ""}
    with pytest.raises(UsageError, match="twice"):
        parameters(["x=1", "x=2"])


class Interrupted(BaseException):
    """Stands for Ctrl+C."""


def test_a_file_appears_only_when_the_block_ends_well(tmp_path):
    target = tmp_path / "new" / "out.nii.gz"

    def write_half():
        with new_file(target) as temporary:
            assert temporary.name == "out.nii.gz"
            temporary.write_bytes(b"half")
            raise Interrupted

    with pytest.raises(Interrupted):
        write_half()
    assert list(target.parent.iterdir()) == []
    with new_file(target) as temporary:
        temporary.write_bytes(b"whole")
        assert not target.exists()
    assert [p.name for p in target.parent.iterdir()] == ["out.nii.gz"]
    assert target.read_bytes() == b"whole"


def test_a_folder_appears_only_when_the_block_ends_well(tmp_path):
    target = tmp_path / "out"
    target.mkdir()

    def write_half():
        with new_folder(target) as temporary:
            (temporary / "a").touch()
            raise Interrupted

    with pytest.raises(Interrupted):
        write_half()
    assert list(target.iterdir()) == []
    with new_folder(target) as temporary:
        (temporary / "a").touch()
    assert [p.name for p in tmp_path.rglob("*")] == ["out", "a"]


def test_a_place_that_cannot_be_written_is_told_in_words(tmp_path):
    (tmp_path / "file").touch()
    with (
        pytest.raises(UsageError, match="cannot be written"),
        new_file(tmp_path / "file" / "out.png"),
    ):
        pass


@pytest.mark.parametrize("protected", ["home", "cwd", "source"])
def test_a_folder_that_matters_is_never_replaced(tmp_path, monkeypatch, protected):
    inner = tmp_path / "outer" / "inner"
    inner.mkdir(parents=True)
    (inner / "scan").touch()
    sources: tuple[Path, ...] = ()
    if protected == "home":
        monkeypatch.setenv("HOME", str(inner))
        monkeypatch.setenv("USERPROFILE", str(inner))
    elif protected == "cwd":
        monkeypatch.chdir(inner)
    else:
        sources = (inner / "scan",)
    with pytest.raises(UsageError, match="not replaced"):
        require_free_folder(tmp_path / "outer", overwrite=True, sources=sources)
