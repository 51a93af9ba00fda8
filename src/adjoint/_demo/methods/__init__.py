"""The methods of differentiation beside each other."""
