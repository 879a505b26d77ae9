"""Pages: one function per URL."""
