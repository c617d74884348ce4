"""What never leaves the staff: references, hidden checks, known mistakes, and the staff's tools."""
