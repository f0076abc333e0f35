"""The ground floor: what every room stands on. Refuses to know any room above it."""
