"""Hidden checks, and the probes that would give a solution away."""
