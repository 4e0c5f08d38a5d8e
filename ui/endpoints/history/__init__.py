"""What endpoints did: charts of a day, and the usage of each user and day."""
