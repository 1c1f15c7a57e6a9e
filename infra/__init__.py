"""The Pulumi program: what a cluster is made of in the cloud. `__main__` composes, one file a component."""
