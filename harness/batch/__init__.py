"""Batch: many submissions of one challenge, each graded once, whatever happens in between."""
