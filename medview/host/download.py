"""Download one file over HTTPS: with progress, resumed where the server allows it, bounded."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from medview import __version__
from medview.core.errors import WeightsError
from medview.core.progress import ProgressFn, ignore_progress

MOST_BYTES = 8 << 30
_BLOCK = 1 << 20
_TIMEOUT_S = 30.0


def download(
    url: str,
    target: Path,
    *,
    progress: ProgressFn = ignore_progress,
    most_bytes: int = MOST_BYTES,
    allow_loopback: bool = False,
) -> None:
    """Bring the file at `url` to `target`; a part that is there already is continued.

    Parameters
    ----------
    url : str
        ``https`` only; so is every address that the server redirects to.
    target : Path
        A part of an earlier attempt, with the server's ETag beside it, is
        continued if the server still has that very version.
    most_bytes : int
        More than this is refused.
    allow_loopback : bool
        Also ``http`` on 127.0.0.1: for tests.

    Raises
    ------
    WeightsError
        If the server cannot be reached, refuses, sends too much or stops early.
        What came before it stopped stays in `target`.
    """
    _require_allowed(url, allow_loopback)
    tag_file = target.with_name(f"{target.name}.etag")
    start = target.stat().st_size if target.is_file() and tag_file.is_file() else 0
    headers = {"User-Agent": f"medview/{__version__}", "Accept-Encoding": "identity"}
    if start:
        tag = tag_file.read_text(encoding="ascii")
        headers |= {"Range": f"bytes={start}-", "If-Range": tag}
    try:
        with _open(url, headers, allow_loopback) as answer:
            start = start if _continues(answer, start) else 0
            _note_version(answer, tag_file)
            _receive(answer, target, start, most_bytes, progress)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
            target.unlink(missing_ok=True)
            tag_file.unlink(missing_ok=True)
        raise _failed(url, f"the server answered {error.code}") from error
    except (OSError, http.client.HTTPException) as error:
        raise _failed(url, _reason(error)) from error
    tag_file.unlink(missing_ok=True)


def _receive(answer: Any, target: Path, start: int, most_bytes: int, progress: ProgressFn) -> None:
    length = answer.headers.get("Content-Length")
    total = start + int(length) if length is not None and length.isdecimal() else None
    if total is not None and total > most_bytes:
        raise _too_large(most_bytes)
    done = start
    with target.open("ab" if start else "wb") as file:
        while block := answer.read(_BLOCK):
            done += len(block)
            if done > most_bytes:
                raise _too_large(most_bytes)
            file.write(block)
            told = f"Downloading {done >> 20} MB"
            progress(None if total is None else min(1.0, done / max(1, total)), told)
    if total is not None and done < total:
        raise WeightsError(
            f"The download stopped after {done} of {total} bytes. Try again: where the server "
            "allows it, it goes on from there.",
            code="weights-incomplete",
        )


def _continues(answer: Any, start: int) -> bool:
    said = answer.headers.get("Content-Range", "")
    return bool(
        start
        and answer.status == http.client.PARTIAL_CONTENT
        and said.startswith(f"bytes {start}-")
    )


def _note_version(answer: Any, tag_file: Path) -> None:
    tag = answer.headers.get("ETag", "")
    # A weak tag (W/...) does not promise equal bytes, so it is no ground to go on from.
    if tag.startswith('"') and tag.isascii():
        tag_file.write_text(tag, encoding="ascii")
    else:
        tag_file.unlink(missing_ok=True)


class _CarefulRedirects(urllib.request.HTTPRedirectHandler):
    def __init__(self, allow_loopback: bool) -> None:
        self._allow_loopback = allow_loopback

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Any:
        _require_allowed(newurl, self._allow_loopback)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _open(url: str, headers: dict[str, str], allow_loopback: bool) -> Any:
    handlers: list[Any] = [_CarefulRedirects(allow_loopback)]
    if allow_loopback:
        handlers.append(urllib.request.ProxyHandler({}))
    opener = urllib.request.build_opener(*handlers)
    # The scheme was checked by _require_allowed: no file: and no ftp: can come here.
    request = urllib.request.Request(url, headers=headers)  # noqa: S310
    return opener.open(request, timeout=_TIMEOUT_S)


def _require_allowed(url: str, allow_loopback: bool) -> None:
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if allow_loopback and parts.scheme == "http" and parts.hostname == "127.0.0.1":
        return
    raise WeightsError(
        "Weights are downloaded over https only, and this address is not.",
        code="weights-address",
    )


def _failed(url: str, reason: str) -> WeightsError:
    return WeightsError(
        f"The download from {urlsplit(url).hostname} failed: {reason}. On a machine without "
        "network, bring the file and use --from.",
        code="weights-download",
    )


def _reason(error: Exception) -> str:
    inner = getattr(error, "reason", error)
    return str(getattr(inner, "strerror", None) or type(inner).__name__)


def _too_large(most_bytes: int) -> WeightsError:
    return WeightsError(
        f"The server sends more than the {most_bytes} bytes that are allowed for this file.",
        code="weights-too-large",
    )
