"""The service layer wired together: `service` is what pages talk to, built from parts."""
