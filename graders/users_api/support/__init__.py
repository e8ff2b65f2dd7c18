"""What the suites of `users_api` share."""
