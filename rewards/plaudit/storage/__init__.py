"""Rows on disk: reading them whatever the format, and writing scores so that a killed run goes on where it was."""
