"""Who may call the API: keys, and what they may be used for."""
