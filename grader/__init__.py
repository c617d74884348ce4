"""The judge: asks submissions probes, compares what came back, and writes what it found.  See README.md."""

__version__ = "0.1.0"
