"""What `check` says of a month: findings by cause, a profile against last month, a list to mend."""
