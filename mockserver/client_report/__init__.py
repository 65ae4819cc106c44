"""What a client's own traffic proves about it: pure functions over the entries of a journal."""
