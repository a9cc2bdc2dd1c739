"""8 - facts about a file that stand beside its scores: the artist's marks."""
