"""One module per feature, found by this folder; each may have `tasks` and `schedules`."""
