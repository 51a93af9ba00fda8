"""Floor 3a: calls whose bodies are the user's: custom rules, checkpoints."""
