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
        self._mapper: vtkFixedPointVolumeRayCastMapper | vtkOpenGLGPUVolumeRayCastMapper
        if self._software:
            self._mapper = vtkFixedPointVolumeRayCastMapper()
        else:
            hardware = vtkOpenGLGPUVolumeRayCastMapper()
            hardware.UseJitteringOn()
            self._mapper = hardware
        self._mapper.AutoAdjustSampleDistancesOff()
        self._volume.SetMapper(self._mapper)
        self._volume.VisibilityOff()
        renderer.AddVolume(self._volume)

    @property
    def image(self) -> GridImage | None:
        """What is drawn."""
        return self._image

    def set_image(self, image: GridImage | None) -> None:
        """Draw other voxels, or none."""
        self._image = image
        if image is None:
            self._mapper.RemoveAllInputs()
            self._volume.VisibilityOff()
            return
        self._mapper.SetInputData(image.data)
        self._volume.SetUserMatrix(image.to_lps)

    def set_visible(self, visible: bool) -> None:
        """Draw the volume or leave it out; without voxels it is always left out."""
        self._volume.SetVisibility(visible and self._image is not None)

    def set_preset(self, preset: VolumePreset, window: Window) -> None:
        """Use a transfer function; the window scales those that are not in Hounsfield units."""
        spacing = min(self._image.grid.spacing_mm) if self._image is not None else 1.0
        apply_preset(self._volume.GetProperty(), preset, window, spacing)

    def set_coarse(self, coarse: bool) -> None:
        """Trade detail for speed while the reader drags."""
        if self._image is None:
            return
        grid = self._image.grid
        spacing = sorted(grid.spacing_mm)[1]
        # Coarse means about 130 samples through the block, whatever its voxels.
        extent = max(n * s for n, s in zip(grid.shape, grid.spacing_mm, strict=True))
        coarsest = max(spacing * 2.0, extent / 130)
        if self._software:
            self._mapper.SetImageSampleDistance(3.0 if coarse else 1.0)
            self._mapper.SetSampleDistance(coarsest if coarse else spacing * 0.8)
        else:
            self._mapper.SetImageSampleDistance(1.0)
            self._mapper.SetSampleDistance(spacing * (1.0 if coarse else 0.4))

    def close(self) -> None:
        """Take the volume out of the scene."""
        self._renderer.RemoveVolume(self._volume)
        self._mapper.RemoveAllInputs()
        self._image = None
