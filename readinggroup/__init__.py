"""The project. A newer SQLite, if installed, replaces the one of Python.

Versions 3.7.0 to 3.51.2 can, rarely, damage a database in WAL mode when two connections
checkpoint at once (sqlite.org/wal.html, "The WAL-Reset Bug"). pysqlite3 ships a version without
the bug.
"""

import sqlite3
import sys

try:
    import pysqlite3
except ImportError:
    pysqlite3 = sqlite3

if pysqlite3.sqlite_version_info > sqlite3.sqlite_version_info:
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
