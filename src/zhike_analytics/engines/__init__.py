"""The only room that names an engine: opening, mapping, checking and writing tables. Refuses to know their meaning."""
