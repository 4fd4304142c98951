"""frandsim."""
