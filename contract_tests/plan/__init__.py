"""The plan of a run: which requests, in which order, at what cost."""
