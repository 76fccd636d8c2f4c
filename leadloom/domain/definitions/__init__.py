"""The global lead definition: what it is, and whether a draft of it may govern."""
