"""What the suites of `model_serving` share."""
