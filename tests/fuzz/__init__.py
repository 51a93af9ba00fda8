"""Random programs that write into arrays: each is right, or refused."""
