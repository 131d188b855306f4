"""The Qt-free heart: geometry, data, findings and scene. Imports numpy, psygnal and the standard library only."""
