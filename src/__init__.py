"""What students write: one file for each exercise."""
