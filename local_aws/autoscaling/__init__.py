"""Application Auto Scaling for SageMaker variants: targets, policies, schedules, evaluation.

moto's is not used: it takes 1 s and 100 MB to import (it brings ECS and EC2), accepts targets and
policies of endpoints that don't exist, gives a policy a new ARN at every change, so that alarms
lose it, and never scales. Where this differs from AWS on purpose: policies are evaluated every
2 s on the live backlog; predefined metrics, most of metric math and predictive scaling have no
effect; the alarm on HasBacklogWithoutCapacity is in ALARM at once.
"""
