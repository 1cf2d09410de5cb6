"""Sheets: their columns and options, the row engine, what an import leaves behind, and its undo."""
