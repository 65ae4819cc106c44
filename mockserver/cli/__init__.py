"""The `mockserver` command."""
