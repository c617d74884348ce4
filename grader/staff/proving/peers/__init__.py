"""Other graders, measured beside ours. Each asks the same questions of the same submissions."""
