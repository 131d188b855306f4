"""Packages that were made to break in: each is refused in a sentence, and nothing is installed."""

from __future__ import annotations

import json
import shutil
import struct
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from medview.host.packages.archive import opened
from medview.host.packages.errors import PackageError
from medview.host.packages.installer import install, prepared
from medview.host.packages.places import Places
from medview.host.packages.static import offer_of_wheel
from tests.unit.packages.wheels import card, hooks, model_wheel, source_folder, wheel


def refusal(path: Path, store) -> PackageError:
    """Why it is not installed, before pip or anything of it is run."""
    with pytest.raises(PackageError) as caught, prepared(str(path), Places()) as chosen:
        install(chosen, store, lambda generation: pytest.fail("it was installed"))
    assert store.index().packages == {}
    return caught.value


def rewritten(path: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """The archive with members changed, or left out where `change` gives None."""
    with zipfile.ZipFile(path) as source:
        members = {info.filename: source.read(info) for info in source.infolist()}
    with zipfile.ZipFile(path, "w") as target:
        for name, content in members.items():
            new = change(name, content)
            if new is not None:
                target.writestr(name, new)
    return path


def without(left_out: str, name: str, content: bytes) -> bytes | None:
    """For `rewritten`: all but one member."""
    return None if name == left_out else content


# ---- wheels that are none, or lie ---------------------------------------------------------------


def test_a_wheel_whose_record_lies_about_a_file_is_refused(tmp_path, store):
    path = rewritten(
        model_wheel(tmp_path, "lies"),
        lambda name, content: content + b"\n#" if name == "lies/__init__.py" else content,
    )
    assert refusal(path, store).code == "package-record"


def test_a_file_that_no_record_lists_is_refused(tmp_path, store):
    path = model_wheel(tmp_path, "stowaway")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("stowaway/more.py", "VALUE = 1\n")
    assert refusal(path, store).code == "package-record"


def test_a_record_that_lists_what_is_not_there_or_in_weak_hashes_is_refused(tmp_path, store):
    def without_card(name: str, content: bytes) -> bytes | None:
        return None if name.endswith("medview_card.json") else content

    def weak(name: str, content: bytes) -> bytes:
        return content.replace(b"sha256=", b"md5=") if name.endswith("RECORD") else content

    for number, change in enumerate((without_card, weak)):
        path = rewritten(model_wheel(tmp_path / str(number), "gap"), change)
        assert refusal(path, store).code == "package-record"


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"PK\5\6" + bytes(18), b"not a zip" * 1000, b"PK\3\4" + bytes(5000)]
)
def test_what_is_no_wheel_is_told_so(tmp_path, store, content):
    path = tmp_path / "odd-1.0-py3-none-any.whl"
    path.write_bytes(content)
    assert refusal(path, store).message


def test_a_wheel_cut_off_anywhere_is_refused_and_never_a_defect(tmp_path, store):
    whole = model_wheel(tmp_path, "cut").read_bytes()
    path = tmp_path / "cut-1.0-py3-none-any.whl"
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        refusal(path, store)


def test_a_wheel_with_any_byte_flipped_is_refused_or_the_same(tmp_path, store):
    whole = model_wheel(tmp_path, "flipped").read_bytes()
    path = tmp_path / "flipped-1.0-py3-none-any.whl"
    for place in range(0, len(whole), 61):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            offer_of_wheel(path)
            from medview.host.packages.stage import require_harmless_wheel

            require_harmless_wheel(path)
        except PackageError:
            continue


# ---- names --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["medview_imaging", "Medview.Imaging", "medview", "MEDVIEW"])
def test_no_package_can_call_itself_medview(medview, tmp_path, store, name):
    files = {"other/__init__.py": hooks("other"), "other/medview_card.json": card("other")}
    path = wheel(tmp_path, name, "99.0", files=files, entries={"other": "other"})
    ended = medview("plugins", "install", path, "--yes")
    assert ended.code == 5
    assert "comes from its own installation only" in ended.err
    assert store.index().packages == {}


@pytest.mark.parametrize("model", ["../../evil", "a b", "x/y", "con", "a" * 200, "\x1b[2Jclean"])
def test_the_id_of_a_model_is_a_plain_name(tmp_path, store, model):
    files = {"odd/__init__.py": hooks("odd"), "odd/medview_card.json": card(model)}
    path = wheel(tmp_path, "odd", files=files, entries={model: "odd"})
    assert refusal(path, store).code == "package-model-ids"


def test_a_card_cannot_name_weights_that_lie_elsewhere(add, tmp_path):
    weights = "(WeightsFile('../../evil.sh', '0' * 64, 'CC0-1.0', 5),)"
    with pytest.raises(PackageError, match="without folders"):
        add(model_wheel(tmp_path, "reaches", text=hooks("reaches", weights=weights)))


def test_a_package_of_two_hundred_models_is_refused(tmp_path, store):
    names = [f"model-{number}" for number in range(200)]
    cards = {f"many/{name}/medview_card.json": card(name) for name in names}
    files = {"many/__init__.py": "", **cards}
    path = wheel(tmp_path, "many", files=files, entries=dict.fromkeys(names, "many"))
    assert refusal(path, store).code == "package-too-many-models"
    one = {"many/__init__.py": "", "many/medview_card.json": json.dumps([*map(_card, names)])}
    path = wheel(tmp_path / "one", "many", files=one, entries=dict.fromkeys(names, "many"))
    assert refusal(path, store).code == "package-too-many-models"
    bare = wheel(tmp_path / "bare", "many", entries=dict.fromkeys(names, "many"))
    assert refusal(bare, store).code == "package-model-ids"


def _card(name: str) -> object:
    return json.loads(card(name))


def test_what_a_package_says_of_itself_steers_no_terminal(medview, tmp_path):
    steering = "Fine\x1b[2J\x1b]0;title\x07 \u202etxt.exe"
    files = {
        "paints/__init__.py": hooks("paints"),
        "paints/medview_card.json": card("paints", title=steering, publisher=steering),
    }
    path = wheel(tmp_path, "paints", files=files, entries={"paints": "paints"})
    told = medview("plugins", "install", path).err
    assert "Fine" in told
    assert not {"\x1b", "\x07", "\u202e"} & set(told)


# ---- dependencies -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked", ["ext-lib @ https://example.org/x.whl", "ext-lib @ git+https://example.org/x.git"]
)
def test_a_dependency_from_an_address_is_refused_before_anything_is_fetched(tmp_path, store, asked):
    path = model_wheel(tmp_path, "fetches", requires=[asked])
    assert refusal(path, store).code == "package-direct-reference"


def test_a_dependency_of_a_dependency_from_an_address_is_refused_too(add, store, tmp_path):
    other = wheel(tmp_path / "other", "other-lib", "1.0")
    house = tmp_path / "house"
    wheel(house, "ext-lib", "1.0", requires=[f"other-lib @ {other.as_uri()}"])
    with pytest.raises(PackageError) as caught:
        add(model_wheel(tmp_path, "twice", requires=["ext-lib"]), house)
    assert caught.value.code == "package-direct-reference"
    assert store.index().packages == {}


def test_a_name_that_pth_files_of_the_application_import_is_not_taken_before_the_worker_is_confined(
    add, store, tmp_path
):
    marker = tmp_path / "marker"
    taken = f"import pathlib; pathlib.Path({str(marker)!r}).write_text('early')\n"
    extra = {
        f"{name}/__init__.py": taken + "def add_shim(): ...\n"
        for name in ("_distutils_hack", "_virtualenv")
    }
    extra["early.pth"] = taken.strip()
    made = add(model_wheel(tmp_path, "early", extra=extra))
    assert (store.site(made.id) / "early.pth").is_file()
    assert not marker.exists()


# ---- archives -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["a\\b.py", "a:b.py", "nul.txt", "COM1", "trailing.", "trailing ", "\x1b[2J.py", "n" * 250],
)
def test_names_that_systems_read_differently_are_refused(tmp_path, name):
    path = tmp_path / "names.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pyproject.toml", "[project]\nname='x'\n")
        info = zipfile.ZipInfo("x")
        info.filename = name
        archive.writestr(info, "x")
    with pytest.raises(PackageError, match="refused"), prepared(str(path), Places()):
        pass


def test_a_file_that_is_a_folder_too_is_refused_without_a_traceback(tmp_path):
    path = tmp_path / "both.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pyproject.toml", "[project]\nname='x'\n")
        archive.writestr("a", "file")
        archive.writestr("a/b", "inside")
    with pytest.raises(PackageError), prepared(str(path), Places()):
        pass


def test_a_list_of_members_that_would_fill_the_memory_is_not_read(tmp_path, monkeypatch):
    path = tmp_path / "list.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pyproject.toml", "")
    content = bytearray(path.read_bytes())
    struct.pack_into("<I", content, len(content) - 22 + 12, 200 << 20)
    path.write_bytes(content)
    monkeypatch.setattr(zipfile, "ZipFile", lambda *a: pytest.fail("the list was read"))
    with pytest.raises(PackageError, match="members"), opened(path):
        pass


def test_what_no_disk_has_room_for_is_not_unpacked(tmp_path, monkeypatch):
    path = Path(
        shutil.make_archive(
            str(tmp_path / "top"), "zip", source_folder(tmp_path / "project", "project")
        )
    )
    usage = shutil._ntuple_diskusage(100, 100, 0)
    monkeypatch.setattr("medview.host.packages.archive.shutil.disk_usage", lambda _: usage)
    with pytest.raises(PackageError) as caught, prepared(str(path), Places()):
        pass
    assert caught.value.code == "disk-full"


def test_a_link_in_a_folder_is_not_followed(add, store, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("a secret", "utf-8")
    folder = source_folder(tmp_path / "linked", "linked")
    (folder / "src" / "linked" / "link.txt").symlink_to(secret)
    (folder / "src" / "linked" / "linked_folder").symlink_to(tmp_path)
    made = add(folder)
    site = store.site(made.id) / "linked"
    assert (site / "__init__.py").is_file()
    assert not (site / "link.txt").exists()
    assert not (site / "linked_folder").exists()


# ---- packs --------------------------------------------------------------------------------------


@pytest.fixture
def pack(medview, tmp_path) -> Path:
    path = model_wheel(tmp_path, "packed")
    assert medview("plugins", "install", path, "--yes").code == 0
    target = tmp_path / "pack.zip"
    assert medview("plugins", "pack", "packed", "-o", target).code == 0
    assert medview("plugins", "remove", "packed").code == 0
    return target


def test_a_pack_is_refused_with_a_member_more_or_less_changed_or_out_of_place(pack, store):
    import hashlib

    whole = pack.read_bytes()
    with zipfile.ZipFile(pack) as archive:
        manifest = json.loads(archive.read("medview_pack.json"))
        for member in manifest["members"]:
            content = archive.read(member["path"])
            assert hashlib.sha256(content).hexdigest() == member["sha256"]
            assert len(content) == member["size_bytes"]
        listed = {member["path"] for member in manifest["members"]}
        assert listed == set(archive.namelist()) - {"medview_pack.json"}

    def manifest_with(change: dict[str, object]) -> bytes:
        return json.dumps({**manifest, **change}).encode()

    escapes = [{**manifest["members"][0], "path": "wheels/../../evil.whl"}]
    for name, content in {
        "wheels/more-1.0-py3-none-any.whl": b"x",
        "weights/packed/evil.pt": b"x",
        "../evil.whl": b"x",
        "medview_pack.json": manifest_with({"members": escapes, "plugin": escapes[0]["path"]}),
        "medview_pack.json ": b"{",
    }.items():
        pack.write_bytes(whole)
        rewritten(pack, partial(without, name))
        with zipfile.ZipFile(pack, "a") as archive:
            archive.writestr(name, content)
        assert refusal(pack, store).code in ("package-pack", "package-archive")
        assert not (pack.parent / "evil.whl").exists()
    pack.write_bytes(whole)
    rewritten(pack, lambda n, c: None if n.endswith(".whl") else c)
    refusal(pack, store)
