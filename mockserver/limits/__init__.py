"""Rate limits and quotas: the counter of a key, and what it returns."""
