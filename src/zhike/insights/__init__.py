"""Published figures of every account and the runs that made them. Refuses to read files."""
