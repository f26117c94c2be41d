"""The steps that bring the bot's tables up to date, one file each."""
