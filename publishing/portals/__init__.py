"""Where a release is handed in: a folder, Satu Data Jakarta, CKAN."""
