"""A pack: this folder holds challenges."""
