"""What the operating system is asked for: whole-file writes, and threads."""
