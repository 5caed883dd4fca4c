"""Fund managers and fintechs."""
