"""How the instances of an endpoint follow its jobs: its order, AWS's objects, their doctor."""
