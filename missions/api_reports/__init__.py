"""One report in one call: the report desk's second door (pages.md, B1; domain.md, rules 6 to 8)."""
