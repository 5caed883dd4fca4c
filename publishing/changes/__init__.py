"""What changed between two releases: columns, codes and every row, for programs and for people."""
