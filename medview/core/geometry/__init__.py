"""Patient space: DICOM LPS, millimetres, voxel centres; array indices are always (k, j, i)."""
