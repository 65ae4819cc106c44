"""What servers send, as the contract sees it: traffic, records in bodies, quotas in headers."""
