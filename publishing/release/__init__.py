"""A finished release: its folder, manifest and signature; checked, put in place, set aside, taken back."""
