"""Releases on a CKAN portal: one CKAN dataset per dataset of the package, and the whole releases in an archive."""
