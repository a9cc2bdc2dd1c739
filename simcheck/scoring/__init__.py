"""7 - scores into findings: rates, likelihood ratios, types, the element map, what several suspects say together."""
