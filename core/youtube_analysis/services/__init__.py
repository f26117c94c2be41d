"""What can be done with a video. Services never import each other: the workflow introduces them."""
