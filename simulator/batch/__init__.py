"""Batches: what an experiment plays, cut into chunks, kept in a store, played on threads or a cluster."""
