"""Scripts that measure, and what they share. Each writes to ``scripts/results``."""
