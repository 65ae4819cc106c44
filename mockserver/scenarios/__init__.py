"""Scenarios: named sequences of faults, rate limits and clock changes."""
