"""The options of `invoke new feature`: a module for each, whose `OPTION` says what it adds."""
