"""All recipients, counted."""
