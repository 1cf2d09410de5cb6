"""The plain way: models without history, and the resource that django-import-export's documentation shows."""
