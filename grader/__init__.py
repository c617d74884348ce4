"""The judge: asks a submission, compares its answers with the reference's, says what is wrong."""

__version__ = "0.1.0"
