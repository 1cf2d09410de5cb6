"""What a change would show readers of missions and events, before anybody approves it."""
