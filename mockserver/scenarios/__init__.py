"""Named sequences of faults, limits and clock changes: the catalogue, one's own, and how they run."""
