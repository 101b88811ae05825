"""From a run to files: CSV, workbook, summary, the folder that holds them."""
