"""What is true of a model's text: a filter while it streams, a verdict on each claim at the end."""
