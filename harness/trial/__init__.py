"""Trial: the candidate's own tests, run in their own environment, then again with faults in what the app answers."""
