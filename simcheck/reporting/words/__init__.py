"""Every word that the report and the terminal say, in English and Chinese."""
