"""A textbook gradient by every method a newcomer may know."""
