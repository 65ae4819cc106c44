"""The client report: judges clients by the journal of their requests, in pure functions."""
