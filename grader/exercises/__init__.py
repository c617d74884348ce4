"""The exercises: one folder for each, with its probes and questions; the modules next to them serve several."""
