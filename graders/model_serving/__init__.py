"""The suites that judge the challenge `model_serving`."""
