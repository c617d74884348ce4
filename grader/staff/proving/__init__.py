"""What shows that the checks are right: audit, calibration, attacks, fuzzing, parity, benchmark."""
