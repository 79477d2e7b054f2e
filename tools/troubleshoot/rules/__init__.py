"""The rules of the diagnosis: each a small function of a case, with an id, that gives one finding or none."""
