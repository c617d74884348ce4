"""What was handed in: recognise the files of each exercise, and copy them into a fresh folder."""
