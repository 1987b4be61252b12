"""One module for each kind of update; handlers do not import each other."""
