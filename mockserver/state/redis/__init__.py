"""The state in Redis (or Valkey), for processes that act as one."""
