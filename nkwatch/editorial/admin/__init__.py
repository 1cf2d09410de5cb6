"""The desk of every app: what admins of records share, and (in `registered`, `tokens`) what the desk itself keeps."""

from nkwatch.editorial.admin import registered as registered
from nkwatch.editorial.admin import tokens as tokens
