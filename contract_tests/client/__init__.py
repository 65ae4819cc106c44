"""Sends requests: budget, pacing, safety. The only place that touches the network."""
