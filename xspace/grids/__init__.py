"""From ends to a source, which makes the elements at any places."""
