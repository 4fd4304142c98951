"""Figures: one style, and plots that draw a table and compute nothing."""
