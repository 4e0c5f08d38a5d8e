"""The part of SageMaker that runs: models, endpoint configurations, endpoints, invocations.

Its resources are stored here, validated against botocore's service model, not in moto, which
overwrites duplicates, rejects g5 and newer instances, has every endpoint InService and has no
UpdateEndpoint. Where it differs from AWS on purpose:

- Instances are processes of this machine; instance types are names, and there is no quota.
- A pipeline of containers, serverless variants, instance pools, inference components, response
  streams, data capture, shadow variants and explainers are errors or have no effect.
- An asynchronous endpoint must name its S3OutputPath.
- UpdateEndpoint changes over all at once; DeploymentConfig and its alarms have no effect.
- A container that can't start fails the endpoint after three tries, within seconds.
- ExecutionRoleArn, VpcConfig and KmsKeyId are stored and returned, but have no effect.
"""
