"""The checks of the challenge live_feed."""
