"""What the endpoints of all records share."""
