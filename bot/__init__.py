"""Newsdesk in Telegram: the only place that knows Telegram. All that it shows, `index` found."""
