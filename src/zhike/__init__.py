"""Zhike, the system: people, pages and databases around the analytics library. Refuses the library's work."""
