"""The checks of this challenge."""
