"""Which requests, in which order, at what cost."""
