"""Adapters: one module per trainer, nothing shared but the protocol."""
