"""Probes that would give a solution away, a module for each exercise: they train with loops of the kit's own."""
