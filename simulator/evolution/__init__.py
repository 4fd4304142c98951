"""Evolution: measured games, the dynamics that people follow in them, and what survives."""
