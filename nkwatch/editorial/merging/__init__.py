"""Two records that are one: suggested, merged, and taken apart again (pages.md, B4)."""
