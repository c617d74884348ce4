"""Shows that the checks are right: audit, calibration, attacks, fuzzing, parity, benchmark."""
