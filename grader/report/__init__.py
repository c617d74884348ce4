"""The written report: its template, what report.md holds, what it lacks, and its page."""
