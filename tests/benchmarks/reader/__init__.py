"""Training data of the reader: news written for it, and a generator of news passages."""
