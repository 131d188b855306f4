"""medview: a desktop viewer for medical images that hosts models. Not cleared for diagnosis."""

__version__ = "0.1.0"
