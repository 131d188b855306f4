"""What is open and how it is shown: observable state, changed on the GUI thread only."""
