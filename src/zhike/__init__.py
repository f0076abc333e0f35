"""Zhike, the system: people, pages and databases around the analytics library. Refuses to compute what the library can."""
