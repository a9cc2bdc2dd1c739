"""3 - a portfolio's pictures into the store: what is new is described, what is known is left alone."""
