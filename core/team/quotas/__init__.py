"""How much each person may use: limits by role and by person, what is used, and the checks."""
