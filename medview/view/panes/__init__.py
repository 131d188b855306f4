"""Panes that show one view each, and how mouse events become gestures."""
