"""Template tags of the ground floor. Refuses rules and queries."""
