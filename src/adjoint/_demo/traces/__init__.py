"""Evaluation traces: derivatives line by line, as the textbooks show them."""
