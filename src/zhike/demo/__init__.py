"""Builds the demonstration operator. Refuses to run on a database that holds real accounts."""
