"""Pure functions over recorded exchanges, one family a file."""
