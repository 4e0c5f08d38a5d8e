"""LoRAs: read in every layout that is supported, merged, and taken out again."""
