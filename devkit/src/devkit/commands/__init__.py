"""The commands of `invoke`: what they are called, what they take, and which module does it."""
