"""One file that holds a whole database as it was at one moment, and the way back."""
