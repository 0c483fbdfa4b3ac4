"""Features are added and removed as a whole: every file that bears their name, and their settings."""
