"""What every part of a run speaks of: exchanges, findings, events, options."""
