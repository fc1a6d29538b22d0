"""What a call says, read once, and the array that it asks for."""
