"""What one might take instead, each solving the same month from the same columns."""
