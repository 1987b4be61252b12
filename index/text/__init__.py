"""Text to terms, sentences and passages."""
