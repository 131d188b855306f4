"""Finding, describing, guarding and calling model plugins; knows neither Qt nor torch."""
