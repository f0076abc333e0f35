"""Work items of all rooms: what should be done for which account, and what people decided. Refuses to invent any."""
