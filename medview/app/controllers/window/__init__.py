"""The window's controllers: what the reader does, carried out; one job each."""
