"""Certified data of NIST, fitted with exact Jacobians and with differences."""
