"""Who asks the lab's AWS API, and whether they may: signatures, role credentials, policies."""
