"""How open data is made: extract, disclosure control, package, gate, release, delivery."""
