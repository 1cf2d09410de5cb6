"""Cells out of files that strangers made (event-sheet.md, point 1; "Decisions on hard cases").

Nothing here imports Django or a library: it runs in a child process that must start at once, and
that holds nothing worth stealing. `nkwatch.editorial.reading` is the door to it.
"""
