"""The same rows in other formats: Parquet, XLSX, GeoJSON, 360Giving, and the archive of a whole release."""
