"""What stops where a NaN or an infinity is made, and says why."""
