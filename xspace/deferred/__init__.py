"""Values that are not here yet: chunks, shards, and ends that are traced or differentiated."""
