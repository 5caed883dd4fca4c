"""What somebody learns who combines all that a release tells: the finished tables, read back without trust."""
