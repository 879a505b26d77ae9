"""Writes: one act per function, keyword-only and atomic.

Steps of an act, which take positional arguments, run in the transaction of their caller.
"""
