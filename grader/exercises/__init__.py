"""The exercises: a folder for each, and modules that several of them share."""
