"""State in Redis or Valkey, shared by several processes."""
