"""The demonstration operator: seeded files with known truth. Refuses to know people, pages or databases."""
