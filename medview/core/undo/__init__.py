"""Do, undo and redo with a memory budget."""
