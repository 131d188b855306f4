"""Mounts of a worker: everything read-only but its folders, and no socket of another program.

Works in a mount namespace alone; nothing of it is seen outside. Source: Linux, ``mount(2)``,
``mount_setattr(2)`` and ``mount_namespaces(7)``.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

_MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_BIND = 2, 4, 8, 4096
_MS_REC, _MS_PRIVATE = 1 << 14, 1 << 18
_MNT_DETACH = 2
_MOUNT_SETATTR = 442
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_ATTR_RDONLY = 1

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  the kernel's own place for shared memory
_MOST_SHARED = "1g"
_MEETING_PLACES = (
    "/run/user", "/run/dbus", "/tmp/.X11-unix", "/tmp/.ICE-unix", "/tmp/.font-unix",  # noqa: S108
)  # fmt: skip
"""Folders in which a session's programs listen; whatever comes there later is not seen either."""
_MOST_SOCKETS = 1000


class _Attributes(ctypes.Structure):
    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns", ctypes.c_uint64),
    )


def listening_sockets() -> tuple[Path, ...]:
    """Sockets that have a name in the file system; to be asked before the network is left.

    Drivers of graphics cards are spoken to through theirs, so these are left out.
    """
    try:
        lines = Path("/proc/net/unix").read_text("utf-8", "replace").splitlines()[1:]
    except OSError:
        return ()
    names = {line.split(maxsplit=7)[-1] for line in lines if len(line.split()) > 7}
    return tuple(
        Path(name) for name in sorted(names) if name.startswith("/") and "nvidia" not in name
    )


def keep_to_mounts(folders: Sequence[Path], sockets: Iterable[Path], needed: Iterable[str]) -> bool:
    """Make every file system read-only but `folders`, and cover what programs listen on.

    Parameters
    ----------
    folders : sequence of Path
        Stay writable. One in shared memory stays there, alone: the rest of it is fresh.
    sockets : iterable of Path
        As `listening_sockets` found them.
    needed : iterable of str
        Paths that this process reads from; no folder above one is covered.

    Returns
    -------
    bool
        Whether nothing outside of `folders` can be changed now, permissions and times included.
    """
    try:
        _mount(None, "/", None, _MS_REC | _MS_PRIVATE)
        for folder in folders:
            _mount(folder, folder, None, _MS_BIND)
        _set_attributes("/", _AT_RECURSIVE, _Attributes(set=_ATTR_RDONLY))
        for folder in folders:
            _set_attributes(folder, 0, _Attributes(clear=_ATTR_RDONLY))
        _shared_memory_of_its_own(folders)
        _cover(folders, sockets, tuple(needed))
    except OSError:
        return False
    # A container may forbid it; what is left then shows nothing that could be opened.
    with contextlib.suppress(OSError):
        _mount("proc", "/proc", "proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
    # It still is in the folder below the mount, which is read-only.
    os.chdir(Path.cwd())
    return True


def cover_home(home: Path, kept: Iterable[str | Path]) -> bool:
    """Show an empty folder in place of a person's home, with nothing in it but `kept`.

    To be called after `keep_to_mounts`.

    Parameters
    ----------
    home : Path
    kept : iterable of str or Path
        Paths that this process goes on using; those outside of `home`, or not there, do not count.

    Returns
    -------
    bool
        Whether the rest of the home cannot be seen any more. If `kept` holds all of it, it can.
    """
    inside = sorted({Path(path) for path in kept if Path(path).is_relative_to(home)})
    # A folder brings what lies below it.
    outermost = [p for p in inside if not any(p != q and p.is_relative_to(q) for q in inside)]
    if home in outermost or home == Path(home.anchor) or not home.is_dir():
        return False
    handles: list[tuple[Path, int]] = []
    try:
        for path in outermost:
            with contextlib.suppress(FileNotFoundError, PermissionError):
                handles.append((path, os.open(path, os.O_PATH | os.O_CLOEXEC)))
        _mount("tmpfs", home, "tmpfs", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, "mode=0755,size=1m")
        try:
            for path, handle in handles:
                _show_again(path, handle)
            _set_attributes(home, 0, _Attributes(set=_ATTR_RDONLY))
        except OSError:
            ctypes.CDLL(None).umount2(os.fsencode(home), _MNT_DETACH)
            raise
    except OSError:
        return False
    finally:
        for _, handle in handles:
            os.close(handle)
    os.chdir(Path.cwd())
    return True


def _show_again(path: Path, handle: int) -> None:
    if stat.S_ISDIR(os.fstat(handle).st_mode):
        path.mkdir(parents=True, exist_ok=True)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    _mount(f"/proc/self/fd/{handle}", path, None, _MS_BIND | _MS_REC)


def _shared_memory_of_its_own(folders: Sequence[Path]) -> None:
    inside = [folder for folder in folders if folder.is_relative_to(_SHARED_MEMORY)]
    handles = [os.open(folder, os.O_PATH | os.O_CLOEXEC) for folder in inside]
    try:
        options = f"mode=1777,size={_MOST_SHARED}"
        _mount("tmpfs", _SHARED_MEMORY, "tmpfs", _MS_NOSUID | _MS_NODEV, options)
        try:
            for folder, handle in zip(inside, handles, strict=True):
                folder.mkdir(parents=True)
                _mount(f"/proc/self/fd/{handle}", folder, None, _MS_BIND)
        except OSError:
            # Without them it could not even be handed its pixels.
            ctypes.CDLL(None).umount2(os.fsencode(_SHARED_MEMORY), _MNT_DETACH)
            raise
    finally:
        for handle in handles:
            os.close(handle)


def _cover(folders: Sequence[Path], sockets: Iterable[Path], needed: tuple[str, ...]) -> None:
    in_use = (*(str(folder) for folder in folders), *needed)
    for name in _MEETING_PLACES:
        place = Path(name)
        if place.is_dir() and not any(Path(path).is_relative_to(place) for path in in_use):
            _mount(
                "tmpfs", place, "tmpfs", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, "mode=0555,size=4k"
            )
    for socket in tuple(sockets)[:_MOST_SOCKETS]:
        if _is_socket(socket):
            _mount(os.devnull, socket, None, _MS_BIND)


def _is_socket(path: Path) -> bool:
    try:
        return stat.S_ISSOCK(path.lstat().st_mode)
    except OSError:
        return False


def _mount(
    source: str | Path | None, target: str | Path, kind: str | None, flags: int, data: str = ""
) -> None:
    if sys.platform != "linux":
        raise OSError("Only Linux has mounts of this kind.")
    libc = ctypes.CDLL(None, use_errno=True)
    done = libc.mount(
        None if source is None else os.fsencode(source),
        os.fsencode(target),
        None if kind is None else kind.encode(),
        ctypes.c_ulong(flags),
        data.encode() or None,
    )
    if done != 0:
        raise OSError(ctypes.get_errno(), "cannot mount", str(target))


def _set_attributes(target: str | Path, flags: int, attributes: _Attributes) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    done = libc.syscall(
        _MOUNT_SETATTR,
        _AT_FDCWD,
        os.fsencode(target),
        ctypes.c_uint(flags),
        ctypes.byref(attributes),
        ctypes.c_size_t(ctypes.sizeof(attributes)),
    )
    if done != 0:
        raise OSError(ctypes.get_errno(), "cannot change a mount", str(target))
