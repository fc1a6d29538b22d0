"""Words and state: errors, sizes, the state of the thread, libraries that are loaded already."""
