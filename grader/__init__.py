"""The judge: asks submissions questions, compares their answers with the reference, and says what is wrong."""

__version__ = "0.1.0"
