"""5 - a suspect's descriptions into candidates: the works that are compared in full."""
