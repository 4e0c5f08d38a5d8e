"""What admins do with the people of a team: roles, disabling, removal, handing over."""
