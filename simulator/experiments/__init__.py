"""Experiments: outcomes over a design, claims put to the test, where they hold."""
