"""Staff, teams, regions, roles and how they sign in. Refuses to know accounts."""
