"""Reads what servers send: recorded traffic, records in bodies, figures in headers."""
