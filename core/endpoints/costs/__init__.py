"""What endpoints cost: prices, instance seconds, budgets and end dates; `service` is public."""
