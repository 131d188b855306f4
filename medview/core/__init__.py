"""The Qt-free heart: geometry, data, findings and scene; numpy, psygnal, standard library only."""
