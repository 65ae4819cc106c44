"""Values that all parts share: exchanges, clauses, findings, events, options."""
