"""What hostile submissions are asked."""
