"""9 - what findings are held against: works by others, and the portfolio's own pairs."""
