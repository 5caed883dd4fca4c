"""How facts travel: from the log, in the order of their positions, to everybody who may hear of them."""
