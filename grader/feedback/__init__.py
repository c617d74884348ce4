"""What people read: the lines and tables of the terminal, and Gradescope's results.json."""
