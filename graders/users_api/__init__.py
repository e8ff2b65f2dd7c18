"""The suites that judge the challenge `users_api`."""
