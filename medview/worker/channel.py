"""`Channel`: messages over a pair of pipes, each four bytes of length and that much JSON."""

from __future__ import annotations

import json
import struct
import threading
from typing import Any, BinaryIO

PROTOCOL = 2
"""Version of the messages and of the codec; both sides must agree."""

MAX_BYTES = 16 << 20
"""No message is longer: arrays go through shared memory."""

Message = dict[str, Any]


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
        """Write one message.

        Raises
        ------
        ProtocolError
            If it is too long, or holds what JSON cannot say.
        OSError, ValueError
            If the other side is gone.
        """
        try:
            body = json.dumps(message, separators=(",", ":")).encode()
        except (TypeError, RecursionError) as error:
            raise ProtocolError(f"A message holds what JSON cannot say: {error}.") from error
        if len(body) > MAX_BYTES:
            raise ProtocolError(f"A message of {len(body) >> 20} MiB is too long.")
        with self._lock:
            self._outgoing.write(struct.pack(">I", len(body)) + body)
            self._outgoing.flush()

    def receive(self) -> Message | None:
        """The next message; None when the other side has closed.

        Raises
        ------
        ProtocolError
            If the bytes are no message; nothing more can be read then.
        """
        head = self._exactly(4)
        if head is None:
            return None
        (length,) = struct.unpack(">I", head)
        if length > MAX_BYTES:
            raise ProtocolError(f"A message of {length >> 20} MiB is announced.")
        body = self._exactly(length)
        if body is None:
            return None
        try:
            message = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise ProtocolError("A message is not JSON.") from error
        if not isinstance(message, dict) or not isinstance(message.get("say"), str):
            raise ProtocolError("A message does not say what it is.")
        return message

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
