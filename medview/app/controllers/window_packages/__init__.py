"""Installing, looking after and examining packages of models in the window."""
