"""HTTP API and studio page over `Editor`."""
