"""Parsers of untrusted bytes: imported in the fork server only."""
