"""From progressions to arrays: tables on the host, then one outer product or sum a block."""
