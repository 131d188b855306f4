"""`medview plugins`: one command per file, gathered in `group`."""
