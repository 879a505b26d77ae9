#!/usr/bin/env python
"""Run administrative tasks of Reading Group."""

from readinggroup.__main__ import main

if __name__ == "__main__":
    main()
