"""What may be done: one module per noun, and the bus that carries commands out."""
