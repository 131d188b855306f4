"""Work off the GUI thread: job states, lanes, progress, cancellation, the memory ladder."""
