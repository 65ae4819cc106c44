"""An HTTP client of the control API."""
