"""What edits cost: against what one would use instead, and against the machine's own limit."""
