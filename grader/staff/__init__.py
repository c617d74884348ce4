"""What never leaves the staff: reference, hidden checks, known mistakes, and the tools that use them."""
