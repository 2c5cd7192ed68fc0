"""Quotes: which words of an article are somebody's, whose, and in what words they are introduced."""

from pipeline.quotes.extract import quotes
from pipeline.quotes.names import unify

__all__ = ["quotes", "unify"]
