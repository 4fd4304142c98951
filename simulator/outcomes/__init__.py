"""Outcomes: the engine's rows as published, grouped into negotiations, measured."""
