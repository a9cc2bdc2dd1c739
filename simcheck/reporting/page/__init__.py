"""``report.json`` as a page of HTML."""
