"""Nothing: where a hostile submission does what it does."""
