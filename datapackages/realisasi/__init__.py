"""What was delivered, as officers validated it."""
