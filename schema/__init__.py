"""What may be asked: the nouns of the API, the links between them, and the GraphQL schema of each role."""
