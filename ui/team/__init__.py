"""What people see of their team: who is in it, how much each may use, and who did what."""
