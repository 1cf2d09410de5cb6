"""The past of a record: its moments, compared and reverted, and two editors at one record (pages.md, B5)."""
