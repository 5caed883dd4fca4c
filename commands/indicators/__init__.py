"""The indicators of monitoring and evaluation (monev): what each says, and the one statement that measures it."""
