"""Floor 3b: the user's function rewritten so that its calls reach us."""
