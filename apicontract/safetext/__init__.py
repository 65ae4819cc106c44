"""Text of a stranger, made fit to be shown: no secret in it, and nothing that a terminal or browser obeys."""
