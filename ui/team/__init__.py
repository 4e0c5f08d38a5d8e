"""The team's pages for admins: its people, and what everybody did."""
