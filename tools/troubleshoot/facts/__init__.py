"""What artifacts say, as typed facts: all that rules look at. Frozen, bounded, free of secrets once sealed."""
