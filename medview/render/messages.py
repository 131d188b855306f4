"""Send VTK's warnings to `logging` instead of the console or a pop-up window."""

from __future__ import annotations

import logging

from vtkmodules.vtkCommonCore import vtkCommand, vtkLogger, vtkOutputWindow

_log = logging.getLogger(__name__)
_ROUTE = "medview_route"


def route_messages() -> None:
    """Take over VTK's output; calling it again changes nothing."""
    current = vtkOutputWindow.GetInstance()
    if getattr(current, _ROUTE, False):
        return
    window = vtkOutputWindow()
    window.SetDisplayModeToNever()
    setattr(window, _ROUTE, True)
    window.AddObserver(vtkCommand.ErrorEvent, _Listener(logging.ERROR))
    window.AddObserver(vtkCommand.WarningEvent, _Listener(logging.WARNING))
    vtkOutputWindow.SetInstance(window)
    vtkLogger.SetStderrVerbosity(vtkLogger.VERBOSITY_OFF)


class _Listener:
    """An observer that logs the text it is handed."""

    CallDataType = "string0"

    def __init__(self, level: int) -> None:
        self._level = level

    def __call__(self, _caller: object, _event: str, text: str = "") -> None:
        _log.log(self._level, "VTK: %s", " ".join(text.split()))
