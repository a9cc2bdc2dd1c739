"""Programs that make what ships or stands in docs/: cohort, tables, calibration, sample, golden indexes, lists."""
