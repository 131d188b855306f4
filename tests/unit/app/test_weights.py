"""`medview weights` against a server on this machine, and without any network."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from medview.app.cli import main
from medview.app.cli.environment import Environment
from medview.core.errors import WeightsError
from medview.host.download import download
from medview.host.weights_offers import WeightsOffer, public_offers

CONTENT = bytes(range(256)) * 2000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
MD5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()


class Server(ThreadingHTTPServer):
    """Serves one file; a test sets how well."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = CONTENT
        self.etag = '"v1"'
        self.cut_at: int | None = None
        self.redirect = ""
        self.asked: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/net.pth"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        server = self.server
        wanted = self.headers.get("Range")
        server.asked.append(wanted)
        if server.redirect:
            self.send_response(302)
            self.send_header("Location", server.redirect)
            self.end_headers()
            return
        start = 0
        if wanted and self.headers.get("If-Range") == server.etag:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            self.send_response(206)
            total = len(server.content)
            self.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
        else:
            self.send_response(200)
        self.send_header("ETag", server.etag)
        self.send_header("Content-Length", str(len(server.content) - start))
        self.end_headers()
        self.wfile.write(server.content[start : server.cut_at])

    def log_message(self, *args: object) -> None:
        """Keep quiet."""


@pytest.fixture
def server():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def offer(server) -> WeightsOffer:
    return WeightsOffer(
        "net.pth", "bright", "A net", "Someone", "MIT", "A paper", server.url, md5=MD5
    )


@pytest.fixture
def weights(offer, capsys):
    def call(*args, offers=(offer,)):
        capsys.readouterr()
        environment = Environment(os.environ, offers=offers, allow_loopback=True)
        code = main(["weights", *map(str, args)], environment)
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


@pytest.fixture
def store(medview_home):
    return medview_home / "weights"


def test_a_download_is_checked_installed_and_recorded(weights, store):
    code, out, err = weights("install", "net.pth", "--yes")
    assert code == 0, err
    assert SHA256 in out
    for shown in ("MIT", "Someone", MD5, "A paper"):
        assert shown in err
    assert (store / "bright" / "net.pth").read_bytes() == CONTENT
    index = json.loads((store / "index.json").read_text("utf-8"))
    assert index["files"]["bright/net.pth"]["sha256"] == SHA256
    assert sorted(p.name for p in (store / "bright").iterdir()) == ["net.pth"]
    assert weights("verify")[0] == 0


@pytest.mark.skipif(sys.platform == "win32", reason="rights of files are others there")
def test_what_is_installed_is_readable_by_its_owner_alone(weights, store):
    weights("install", "net.pth", "--yes")
    for file in (store / "index.json", store / "bright" / "net.pth"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_without_agreement_nothing_is_asked_of_the_network(weights, server, store):
    code, _, err = weights("install", "net.pth")
    assert code == 2
    assert "--yes" in err
    assert server.asked == []
    assert not store.exists()


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 130), ("\n", 130), ("", 130)])
def test_on_a_terminal_the_answer_decides(weights, store, monkeypatch, answer, code):
    class Terminal:
        def isatty(self):
            return True

        def readline(self):
            return answer

    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert weights("install", "net.pth")[0] == code
    assert (store / "bright" / "net.pth").exists() == (code == 0)


def test_listing_and_verifying_ask_nothing_of_the_network(weights, server):
    code, out, _ = weights("list", "--json")
    assert code == 0
    (row,) = json.loads(out)["weights"]
    assert (row["name"], row["state"], row["size_bytes"]) == ("net.pth", "absent", None)
    assert weights("verify")[0] == 0
    assert weights("verify", "net.pth")[0] == 6
    assert server.asked == []


def test_a_download_that_was_cut_off_goes_on_where_it_stopped(weights, server, store):
    server.cut_at = 300_000
    code, _, err = weights("install", "net.pth", "--yes")
    assert code == 6
    assert "Try again" in err or "failed" in err
    assert not (store / "bright" / "net.pth").exists()
    server.cut_at = None
    assert weights("install", "net.pth", "--yes")[0] == 0
    assert server.asked == [None, "bytes=300000-"]
    assert (store / "bright" / "net.pth").read_bytes() == CONTENT


def test_a_file_that_changed_on_the_server_is_never_pieced_together(weights, server, store):
    server.content, server.cut_at = b"old" * 100_000, 200_000
    assert weights("install", "net.pth", "--yes")[0] == 6
    server.content, server.cut_at, server.etag = CONTENT, None, '"v2"'
    assert weights("install", "net.pth", "--yes")[0] == 0
    assert (store / "bright" / "net.pth").read_bytes() == CONTENT


def test_a_file_with_another_hash_is_refused_and_not_kept(weights, server, store):
    server.content = CONTENT + b"!"
    code, _, err = weights("install", "net.pth", "--yes")
    assert code == 6
    assert "MD5" in err
    assert list((store / "bright").iterdir()) == []
    assert not (store / "index.json").exists()


@pytest.mark.parametrize(
    "stated",
    [{"sha256": "0" * 64}, {"sha256_prefix": "00000000"}, {"size_bytes": len(CONTENT) + 1}],
)
def test_every_stated_fact_must_hold(weights, offer, stated):
    assert weights("install", "net.pth", "--yes", offers=[replace(offer, **stated)])[0] == 6


def test_more_than_the_stated_size_is_never_taken(weights, offer, store):
    code, _, err = weights("install", "net.pth", "--yes", offers=[replace(offer, size_bytes=999)])
    assert code == 6
    assert "999 bytes" in err
    assert all(p.stat().st_size <= 999 for p in (store / "bright").iterdir())


def test_a_file_that_was_changed_later_is_refused(weights, store):
    weights("install", "net.pth", "--yes")
    file = store / "bright" / "net.pth"
    changed = bytearray(CONTENT)
    changed[1000] ^= 1
    file.write_bytes(changed)
    code, out, _ = weights("verify")
    assert (code, out) == (6, "net.pth  changed\n")
    file.write_bytes(CONTENT)
    assert weights("verify")[0] == 0


def test_without_any_stated_hash_the_first_one_holds(weights, server, offer):
    bare = replace(offer, md5=None)
    code, _, err = weights("install", "net.pth", "--yes", offers=[bare])
    assert code == 0
    assert "states no hash" in err
    server.content = CONTENT + b"!"
    code, _, err = weights("install", "net.pth", "--yes", offers=[bare])
    assert code == 6
    assert "installed before" in err
    assert weights("remove", "net.pth", offers=[bare])[0] == 0
    assert weights("install", "net.pth", "--yes", offers=[bare])[0] == 0


@pytest.mark.parametrize("place", ["net.pth", "models/model.pt", "model.pt"])
def test_an_offline_machine_takes_a_file_or_a_folder(
    weights, server, offer, store, tmp_path, place
):
    bundle = replace(offer, path="models/model.pt")
    file = tmp_path / "stick" / place
    file.parent.mkdir(parents=True)
    file.write_bytes(CONTENT)
    for source in (file, tmp_path / "stick"):
        code, _, err = weights("install", "net.pth", "--from", source, "--yes", offers=[bundle])
        assert code == 0, err
        assert (store / "bright" / "net.pth").read_bytes() == CONTENT
        assert weights("remove", "net.pth")[0] == 0
    assert file.read_bytes() == CONTENT
    assert server.asked == []


def test_a_wrong_file_or_no_file_is_refused(weights, tmp_path, store):
    (tmp_path / "net.pth").write_bytes(b"something else")
    assert weights("install", "net.pth", "--from", tmp_path / "net.pth", "--yes")[0] == 6
    assert weights("install", "net.pth", "--from", tmp_path / "gone", "--yes")[0] == 2
    (tmp_path / "empty").mkdir()
    assert weights("install", "net.pth", "--from", tmp_path / "empty", "--yes")[0] == 2
    assert weights("install", "net.pht", "--yes")[0] == 2
    assert weights("remove", "net.pth")[0] == 2
    assert not (store / "bright" / "net.pth").exists()


@pytest.mark.parametrize("to", ["http://example.org/net.pth", "ftp://example.org/net", "file:///x"])
def test_a_redirect_away_from_https_is_not_followed(weights, server, to):
    server.redirect = to
    code, _, err = weights("install", "net.pth", "--yes")
    assert code == 6
    assert "https only" in err or "answered 302" in err  # urllib itself refuses file:
    assert server.asked == [None]


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x", "http://example.org/x", "file:///etc/x"])
def test_only_https_is_downloaded(tmp_path, url):
    with pytest.raises(WeightsError, match="https only"):
        download(url, tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_not_there_is_told_in_words(weights, offer):
    gone = replace(offer, url="http://127.0.0.1:1/net.pth")
    code, _, err = weights("install", "net.pth", "--yes", offers=[gone])
    assert code == 6
    assert "--from" in err


def test_a_damaged_index_is_told_and_trusts_nothing(weights, store):
    weights("install", "net.pth", "--yes")
    (store / "index.json").write_text("{", encoding="utf-8")
    code, _, err = weights("verify")
    assert code == 6
    assert "index.json" in err


def test_the_catalogue_names_the_public_weights_with_a_hash_each():
    offers = public_offers()
    assert {o.model for o in offers} == {"lung-segmentation", "lung-nodule-detection"}
    assert len({o.name for o in offers}) == len(offers) == 6
    for offer in offers:
        assert offer.is_pinned
        assert offer.url.startswith("https://")
        assert offer.url.endswith(f"/{offer.name}")
        assert offer.licence
        assert offer.citation


def test_a_run_with_public_weights_that_were_changed_ends_with_6(
    medview, site, ct, store, tmp_path
):
    name = "unet_r231-d5d2fc3d.pth"
    site.add(
        f"@hookimpl\ndef run(source, ctx):\n    ctx.weights({name!r})\n    return Findings()\n",
        model="lung-segmentation",
    )
    out = tmp_path / "out"
    ended = medview("run", "lung-segmentation", ct, "-o", out)
    assert ended.code == 6
    assert f"medview weights install {name}" in ended.err
    (store / "lung-segmentation").mkdir(parents=True)
    (store / "lung-segmentation" / name).write_bytes(CONTENT)
    ended = medview("run", "lung-segmentation", ct, "-o", out)
    assert ended.code == 6
    assert "not the file that was installed" in ended.err
    assert not out.exists()
