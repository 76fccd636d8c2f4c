"""The offer of one lead to one owner: who, until when, on whose calendar."""
