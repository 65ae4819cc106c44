"""Fault injection: faults, the requests they apply to, and how they are written."""
