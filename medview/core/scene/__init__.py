"""What is open and how it is shown; observable state, no drawing. Touched on the GUI thread only."""
