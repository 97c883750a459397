"""Frozen records, one noun a module."""
