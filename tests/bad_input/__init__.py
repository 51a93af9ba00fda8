"""What users get wrong: each mistake answered by a sentence, never a wrong number."""
