"""What students run: each module is one `grader` command."""
