"""How fast is it, and what does it cost? One module a question, each beside a floor measured in the same run."""
