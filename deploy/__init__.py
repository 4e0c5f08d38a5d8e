"""The studio in an AWS account: the CloudFormation template, and what its roles may do."""
