"""What everything stands on: money, time, identifiers, errors and settings. Standard library only."""
