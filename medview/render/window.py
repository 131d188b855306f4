"""Make an off-screen render window that is known to draw."""

from __future__ import annotations

import logging
from collections.abc import Callable

import numpy as np
import vtkmodules.vtkRenderingFreeType
import vtkmodules.vtkRenderingOpenGL2  # noqa: F401  registers the OpenGL factories
from numpy.typing import NDArray
from vtkmodules import vtkRenderingOpenGL2 as opengl
from vtkmodules.util import numpy_support
from vtkmodules.vtkCommonCore import vtkUnsignedCharArray
from vtkmodules.vtkRenderingCore import vtkRenderer, vtkRenderWindow

from medview.core.errors import MedviewError
from medview.render.messages import route_messages

_log = logging.getLogger(__name__)


class NoGraphicsError(MedviewError):
    """No way to draw was found on this machine."""

    code = "no-graphics"


def offscreen_window() -> vtkRenderWindow:
    """A window that is never shown and has proved that it draws.

    The window that VTK picks (`VTK_DEFAULT_OPENGL_WINDOW` has the first word) is tried first,
    then software OpenGL. Trying means to draw one red pixel: EGL on some machines
    draws black with no more than a warning.

    Raises
    ------
    NoGraphicsError
        If nothing draws.
    """
    route_messages()
    for name, make in _candidates():
        window = make()
        if window is None:
            continue
        prepare(window)
        if draws(window):
            _log.debug("Rendering with %s", window.GetClassName())
            return window
        _log.info("%s does not draw here", name)
        window.Finalize()
    raise NoGraphicsError(
        "No OpenGL that can draw was found on this machine. "
        "On Debian or Ubuntu install software OpenGL: sudo apt install libosmesa6 libgl1. "
        "Elsewhere update the graphics driver."
    )


def prepare(window: vtkRenderWindow) -> None:
    """Set a window up for drawing off-screen without smoothing between samples."""
    window.SetShowWindow(False)
    window.SetOffScreenRendering(True)
    window.SetMultiSamples(0)
    window.SetSize(16, 16)


def draws(window: vtkRenderWindow) -> bool:
    """Whether a red background comes back red."""
    renderer = vtkRenderer()
    renderer.SetBackground(1, 0, 0)
    window.AddRenderer(renderer)
    try:
        window.Render()
        pixels = read_pixels(window, vtkUnsignedCharArray())
        return bool((pixels.reshape(-1, 3).mean(axis=0) == (255, 0, 0)).all())
    finally:
        window.RemoveRenderer(renderer)
        renderer.ReleaseGraphicsResources(window)


def read_pixels(
    window: vtkRenderWindow,
    buffer: vtkUnsignedCharArray,
    rows: tuple[int, int] | None = None,
) -> NDArray[np.uint8]:
    """Read what was drawn.

    Parameters
    ----------
    window : vtkRenderWindow
    buffer : vtkUnsignedCharArray
        Reused from frame to frame; a new one per frame would cost more than the copy.
    rows : (int, int), optional
        First row and one past the last, counted from the bottom as OpenGL does.

    Returns
    -------
    (height, width, 3) ndarray of uint8
        Top row first; a view into `buffer`, valid until the next call.
    """
    width, height = window.GetSize()
    low, high = rows or (0, height)
    window.GetPixelData(0, low, width - 1, high - 1, 0, buffer, 0)
    flat = numpy_support.vtk_to_numpy(buffer)
    return np.asarray(flat.reshape(high - low, width, 3)[::-1])


def _candidates() -> list[tuple[str, Callable[[], vtkRenderWindow | None]]]:
    software = getattr(opengl, "vtkOSOpenGLRenderWindow", None)
    found: list[tuple[str, Callable[[], vtkRenderWindow | None]]] = [("default", vtkRenderWindow)]
    if software is not None:
        found.append(("software OpenGL", software))
    return found
