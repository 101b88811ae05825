"""The only readers of foreign tables: a month folder (or frames) in, raw columns and findings out."""
