"""Which sentences, and which parts of them, say the same thing."""
