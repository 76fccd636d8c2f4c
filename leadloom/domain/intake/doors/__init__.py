"""Shapes in which others send leads: one file each, all of them read into a `Filled`."""
