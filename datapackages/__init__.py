"""What is published: one folder per dataset, with its declaration and the descriptor that follows from it."""
