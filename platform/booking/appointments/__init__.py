"""A client's page of their appointments: what is to come with the steps they can take now, and what was. Acts are those of the API."""
