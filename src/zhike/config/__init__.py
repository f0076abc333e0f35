"""Settings, URLs and server entry points. Refuses rules of any room."""
