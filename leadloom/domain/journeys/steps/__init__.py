"""The kinds of step: one file each, with its fields and all it answers about itself."""
