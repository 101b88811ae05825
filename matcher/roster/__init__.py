"""From pairs to the tables that people read: status, reasons, changes against last month, statistics."""
