"""Zhike's analytics library: tables and numbers of telecom key accounts. Refuses people, pages and databases."""
