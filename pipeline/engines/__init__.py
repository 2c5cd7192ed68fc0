"""Ports and adapters: what turns strings into English, and strings into vectors."""
