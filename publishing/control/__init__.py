"""Disclosure control: from counts of persons to groups, measures and rows that may be published."""
