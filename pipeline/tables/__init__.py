"""Tables for people and for tools: what a story's synopsis is written as, and edits that come back."""
