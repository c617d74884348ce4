"""Ask the submission, compare its answers with the reference, measure, and find the mistake.  Never imports torch."""
