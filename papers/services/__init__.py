"""Writes: one act per function, keyword-only and atomic."""
