"""What people read: the terminal's lines and tables, and Gradescope's results.json."""
