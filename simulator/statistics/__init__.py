"""Statistics: paired inference, survival, dominance, discovery, sensitivity, mechanisms, cautions."""
