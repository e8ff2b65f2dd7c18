"""What the checks of live_feed share."""
