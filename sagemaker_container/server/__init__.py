"""The front process: SageMaker's HTTP contract, and the one worker it looks after."""
