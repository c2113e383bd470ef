"""The rewards that ship, one module each, registered through the same entry points as everybody's."""
