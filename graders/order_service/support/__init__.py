"""What the suites of `order_service` share."""
