"""The desk of every app: what admins of records share, and (in `registered`) what the desk itself keeps."""

from nkwatch.editorial.admin import registered as registered
