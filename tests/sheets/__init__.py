"""Sheets for the tests, and the programs that make them."""
