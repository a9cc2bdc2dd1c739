"""A run as ``report.json``: the document that everything else is a view of."""
