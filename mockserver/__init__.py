"""A mock server for web-analytics APIs, driven by OpenAPI contracts and fixtures."""
