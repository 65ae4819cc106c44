"""Records of answered requests: journal, access log and metrics, all without secrets."""
