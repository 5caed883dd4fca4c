"""Backups: what an installation has, in one folder that is checked and restored."""
