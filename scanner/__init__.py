"""Driftline goes and looks, and tells."""
