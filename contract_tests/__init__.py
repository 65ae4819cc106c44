"""Check any server against an OpenAPI contract, within its quota."""
