"""`Channel`: messages over a pair of pipes, as JSON after its length and the number of a request.

Every message names the request that it belongs to, so that what comes too late for one is never
taken for a part of the next, and is dropped before anybody reads it.
"""

from __future__ import annotations

import json
import struct
import threading
import time
from typing import Any, BinaryIO

PROTOCOL = 3
"""Version of the messages and of the codec; both sides must agree."""

MAX_BYTES = 128 << 10
"""No message is longer: reading one holds the interpreter in one piece. Long lists and arrays go
through shared memory (`medview.worker.lists`, `medview.worker.blocks`)."""

_LONG_BYTES = 16 << 10
_REST = 2.0

_HEAD = struct.Struct(">II")

Message = dict[str, Any]
Frame = tuple[int, bytes]
"""The number of a request, and a message that nobody has read yet."""


class ProtocolError(Exception):
    """What came through the pipe is no message of this protocol."""


class Channel:
    """Sends from any thread, receives on one.

    Parameters
    ----------
    incoming, outgoing : binary files
        Unbuffered or buffered; closed by `close`.
    """

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        """Write one message; its ``request`` is the number that it belongs to, 0 without one.

        Raises
        ------
        ProtocolError
            If it is too long, or holds what JSON cannot say.
        OSError, ValueError
            If the other side is gone.
        """
        told = dict(message)
        number = told.pop("request", 0)
        try:
            body = dumps(told)
        except (TypeError, RecursionError) as error:
            raise ProtocolError(f"A message holds what JSON cannot say: {error}.") from error
        if len(body) > MAX_BYTES:
            raise ProtocolError(f"A message of {len(body) >> 10} KiB is too long.")
        with self._lock:
            self._outgoing.write(_HEAD.pack(len(body), number) + body)
            self._outgoing.flush()

    def receive(self) -> Message | None:
        """The next message; None when the other side has closed.

        Raises
        ------
        ProtocolError
            If the bytes are no message; nothing more can be read then.
        """
        frame = self.receive_frame()
        return None if frame is None else parsed(frame)

    def receive_frame(self) -> Frame | None:
        """As `receive`, but the message is left unread."""
        head = self._exactly(_HEAD.size)
        if head is None:
            return None
        length, number = _HEAD.unpack(head)
        if length > MAX_BYTES:
            raise ProtocolError(f"A message of {length >> 10} KiB is announced.")
        body = self._exactly(length)
        return None if body is None else (number, body)

    def close(self) -> None:
        """Close both pipes; the other side sees the end."""
        for file in (self._outgoing, self._incoming):
            try:
                file.close()
            except (OSError, ValueError):
                continue

    def _exactly(self, count: int) -> bytes | None:
        parts = bytearray()
        while len(parts) < count:
            block = self._incoming.read(min(count - len(parts), 1 << 16))
            if not block:
                return None
            parts += block
        return bytes(parts)


def dumps(value: object) -> bytes:
    """JSON in one line; raises TypeError for what it cannot say."""
    # What is no text on its own, half of a pair of surrogates, passes as it is.
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def loads(body: bytes) -> Any:
    """Read JSON; after a long one this thread rests, so that the window has its turn before more.

    Raises
    ------
    ValueError, RecursionError
        If it is none.
    """
    began = time.monotonic()
    try:
        return json.loads(body)
    finally:
        if len(body) > _LONG_BYTES:
            time.sleep(_REST * (time.monotonic() - began))


def parsed(frame: Frame) -> Message:
    """The message of a frame, with its number as ``request``; raises `ProtocolError`."""
    number, body = frame
    try:
        message = loads(body)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("A message is not JSON.") from error
    if not isinstance(message, dict) or not isinstance(message.get("say"), str):
        raise ProtocolError("A message does not say what it is.")
    message["request"] = number
    return message
