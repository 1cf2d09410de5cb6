"""Sheets through the API: the import engine's third door, beside the admin's wizard and the command (pages.md, B3)."""
