"""What the commands need: the people and the past of the demo group."""
