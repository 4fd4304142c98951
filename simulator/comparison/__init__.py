"""A comparison of regimes: its tables, and where its ranking holds."""
