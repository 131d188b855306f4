"""`VolumeProp`: the ray-cast volume of a volume view, on hardware or on the CPU."""

from __future__ import annotations

import vtkmodules.vtkRenderingVolumeOpenGL2  # noqa: F401  registers the drawing of cast images
from vtkmodules.vtkRenderingCore import vtkRenderer, vtkVolume
from vtkmodules.vtkRenderingVolume import vtkFixedPointVolumeRayCastMapper
from vtkmodules.vtkRenderingVolumeOpenGL2 import vtkOpenGLGPUVolumeRayCastMapper

from medview.core.data.intensity import Window
from medview.render.capability import Capability
from medview.render.image_bridge import GridImage
from medview.render.presets import VolumePreset
from medview.render.transfer import apply_preset

Caster = vtkFixedPointVolumeRayCastMapper | vtkOpenGLGPUVolumeRayCastMapper

_COARSE_TARGET_S = 0.06
_COARSE_PIXELS = (2.0, 7.0)


def make_caster(
    image: GridImage, preset: VolumePreset, window: Window, capability: Capability
) -> Caster:
    """A ray caster that is ready to draw; pure, for any thread.

    On the CPU a caster first computes the gradients of the whole volume: a third of a
    second for 8 million voxels, which would hold up the first frame.
    """
    if not capability.is_software:
        hardware = vtkOpenGLGPUVolumeRayCastMapper()
        hardware.UseJitteringOn()
        hardware.AutoAdjustSampleDistancesOff()
        hardware.SetInputData(image.data)
        return hardware
    caster = vtkFixedPointVolumeRayCastMapper()
    caster.AutoAdjustSampleDistancesOff()
    caster.SetInputData(image.data)
    stand_in = vtkVolume()
    stand_in.SetMapper(caster)
    apply_preset(stand_in.GetProperty(), preset, window, min(image.grid.spacing_mm))
    caster.PerVolumeInitialization(vtkRenderer(), stand_in)
    return caster


class VolumeProp:
    """One volume in one renderer.

    On two cores, 500 x 400 pixels and a volume of 192 x 192 x 192, the CPU ray caster takes
    20 to 60 ms coarse and 180 to 570 ms fine; the GPU one on software OpenGL 500 ms coarse
    and several seconds fine.

    Parameters
    ----------
    renderer : vtkRenderer
    capability : Capability
    """

    def __init__(self, renderer: vtkRenderer, capability: Capability) -> None:
        self._renderer = renderer
        self._software = capability.is_software
        self._image: GridImage | None = None
        self._volume = vtkVolume()
        self._caster: Caster | None = None
        self._coarse_pixels = 3.0
        self._volume.VisibilityOff()
        renderer.AddVolume(self._volume)

    @property
    def image(self) -> GridImage | None:
        """What is drawn."""
        return self._image

    def show(self, image: GridImage, caster: Caster) -> None:
        """Draw other voxels with the caster that was made for them."""
        self._image = image
        self._caster = caster
        self._volume.SetMapper(caster)
        self._volume.SetUserMatrix(image.to_lps)

    def clear(self) -> None:
        """Draw nothing."""
        self._image = None
        self._volume.VisibilityOff()
        if self._caster is not None:
            self._volume.SetMapper(None)  # type: ignore[arg-type]  # the stub knows no None
            self._caster.RemoveAllInputs()
            self._caster = None

    def set_visible(self, visible: bool) -> None:
        """Draw the volume or leave it out; without voxels it is always left out."""
        self._volume.SetVisibility(visible and self._image is not None)

    def set_preset(self, preset: VolumePreset, window: Window) -> None:
        """Use a transfer function; the window scales those that are not in Hounsfield units."""
        spacing = min(self._image.grid.spacing_mm) if self._image is not None else 1.0
        apply_preset(self._volume.GetProperty(), preset, window, spacing)

    def set_coarse(self, coarse: bool) -> None:
        """Trade detail for speed while the reader drags."""
        if self._image is None or self._caster is None:
            return
        grid = self._image.grid
        spacing = sorted(grid.spacing_mm)[1]
        # Coarse means about 130 samples through the block, whatever its voxels.
        extent = max(n * s for n, s in zip(grid.shape, grid.spacing_mm, strict=True))
        coarsest = max(spacing * 2.0, extent / 130)
        if self._software:
            self._caster.SetImageSampleDistance(self._coarse_pixels if coarse else 1.0)
            self._caster.SetSampleDistance(coarsest if coarse else spacing * 0.8)
        else:
            self._caster.SetImageSampleDistance(1.0)
            self._caster.SetSampleDistance(spacing * (1.0 if coarse else 0.4))

    def tune(self, coarse_s: float) -> None:
        """Adapt the coarse picture to how long the last one took, so that dragging stays fluid."""
        low, high = _COARSE_PIXELS
        if coarse_s > _COARSE_TARGET_S:
            # Rays go with the square of their distance: one slow picture is enough to know.
            needed = (coarse_s / _COARSE_TARGET_S) ** 0.5
            self._coarse_pixels = min(high, self._coarse_pixels * max(1.25, needed))
        elif coarse_s < _COARSE_TARGET_S / 2:
            self._coarse_pixels = max(low, self._coarse_pixels * 0.85)

    def close(self) -> None:
        """Take the volume out of the scene."""
        self._renderer.RemoveVolume(self._volume)
        self.clear()
