"""Files in: validation, rejects, idempotent loading into archive and lake. Refuses scores."""
