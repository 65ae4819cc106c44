"""The mock server as a domain object, independent of HTTP servers; fault injection into an exchange."""
