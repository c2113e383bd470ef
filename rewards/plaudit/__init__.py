"""Pluggable, audited reward functions for RL fine-tuning of language models."""
