"""Models in a process of their own: its entry, the protocol it speaks, and who supervises it."""
