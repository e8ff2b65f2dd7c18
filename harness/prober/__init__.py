"""The prober: runs the checks beside the candidate's service, and talks to the host in framed JSON lines."""
