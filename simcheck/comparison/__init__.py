"""6 - every signal on every pair of suspect and work."""
