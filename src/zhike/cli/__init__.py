"""The `zhike` command: thin, calls actions or the library. Refuses rules of its own."""
