"""Measurements that need a process of their own; each prints one JSON line."""
