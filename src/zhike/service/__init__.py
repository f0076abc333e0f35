"""Requests of customers from first word to closing, their clocks and commitments. Refuses orders of products."""
