"""What models say about an image: a closed set of result types, and the checks they pass."""
