"""One module per step: `0001_foundation.py`, `0002_...`; a `down_revision` names the step before."""
