"""The suites that judge the challenge `order_service`."""
