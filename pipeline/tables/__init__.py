"""The files a run writes, and edits that come back."""
