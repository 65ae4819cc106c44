"""The server process: sockets, protocol, TLS, workers, and what it prints."""
