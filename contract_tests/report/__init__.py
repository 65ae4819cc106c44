"""Reports of a result, one format a module."""
