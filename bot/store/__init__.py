"""The bot's database: SQL and nothing else."""
