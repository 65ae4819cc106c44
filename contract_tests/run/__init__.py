"""One run: its order, its budget, its confirmation."""
