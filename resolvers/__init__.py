"""How it is read: an operation becomes one SQL statement whose JSON goes to the client as the database wrote it."""
