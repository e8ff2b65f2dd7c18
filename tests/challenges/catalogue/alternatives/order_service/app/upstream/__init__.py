"""The services this one depends on, and everything that keeps their trouble from becoming ours."""
