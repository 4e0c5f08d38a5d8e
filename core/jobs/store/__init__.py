"""The job list: one interface, kept in SQLite or in DynamoDB."""
