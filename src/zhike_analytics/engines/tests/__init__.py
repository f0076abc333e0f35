"""Tests of reading, mapping and checking."""
