"""Where: the regions of Jakarta, their names and codes, boundaries, points and distances."""
