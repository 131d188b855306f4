"""The application's side of worker processes: start, talk, limit, end, clean up."""
