"""The interactive page: explore a comparison, follow a negotiation, sit at the table, write a law."""
