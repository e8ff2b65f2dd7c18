"""The digits service."""
