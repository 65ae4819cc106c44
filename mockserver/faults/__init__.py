"""What goes wrong on purpose: the faults, when they strike, and how a broken answer is delivered."""
