"""The queue: messages to the worker, by a broker. What they are for is in `jobs`, or in a contract of a feature."""
