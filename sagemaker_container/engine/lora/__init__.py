"""LoRA files: reading them in every key layout, merging them into weights, and undoing that."""
