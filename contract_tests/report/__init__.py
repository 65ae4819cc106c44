"""Reports: they read a result, never change it. One kind a file."""
