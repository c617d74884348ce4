"""Run one call beside a submission's code, in a process of its own, and return plain data.  Knows no exercise and no text for people."""
