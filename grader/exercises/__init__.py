"""The exercises: a folder for each, with its probes and questions, and beside them what several share."""
