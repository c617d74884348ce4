"""Downloads of a whole class, as course pages make them, and each student's submission in them."""
