"""What is found beside the releases: editions, DCAT, schema.org, citations, pages, compressed copies."""
