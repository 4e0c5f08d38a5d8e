"""Who is signed in: the login's configuration, the user of its claims, signing in and out."""
