"""The test suite: unit (no Qt, no VTK), render (VTK off-screen), gui (Qt and VTK off-screen)."""
