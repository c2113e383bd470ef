"""Attacks: what no reward may pay for."""
