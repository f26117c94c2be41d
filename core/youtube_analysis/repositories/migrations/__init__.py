"""The steps that bring the tables of sessions up to date, one file each."""
