"""Grade submissions: one, or many side by side."""
