"""The changing state of a server, in memory or in Redis."""
