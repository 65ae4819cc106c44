"""The mock server as an object, below HTTP: its contracts, its spaces, and what answering a request leaves behind."""
