"""Records of what people keep beside the jobs: one interface, kept in SQLite or in DynamoDB."""
