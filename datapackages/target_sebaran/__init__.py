"""The three layers of the map: needed, pledged, delivered."""
