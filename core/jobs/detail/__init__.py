"""What is known of one job beyond its record: its times, how it differs, its pose score."""
