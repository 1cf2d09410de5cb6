"""Importing a sheet of reports: its columns and names, the preview, the job, and what came of it."""
