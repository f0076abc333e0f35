"""Products in three classes. Refuses prices of single customers."""
