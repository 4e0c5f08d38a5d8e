"""What people see of their team: who is in it, and how much each may use."""
