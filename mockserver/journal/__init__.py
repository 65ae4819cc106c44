"""What is kept of answered requests: the journal, the access log and metrics, all without secrets."""
