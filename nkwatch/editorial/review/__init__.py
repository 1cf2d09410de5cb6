"""The review queue: what waits for a second person, how it is decided, what readers would see (pages.md, B2)."""
