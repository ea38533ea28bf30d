"""The desk's page of an appointment that a case is about: for whoever owns that case, and nobody else."""
