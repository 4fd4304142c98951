"""One negotiation told: what happened month by month, and where two regimes part."""
