"""Synoptic: parallel quote tables from the versions of one story."""

__version__ = "0.1.0"
