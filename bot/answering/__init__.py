"""From a question to the message that answers it; shared by all handlers that answer."""
