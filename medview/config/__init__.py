"""Settings, folders and the log file: what belongs to one person on one computer."""
