"""Understanding what a question or a briefing request asks for, before anything is searched."""
