"""Install model packages of third parties, each into a directory of its own."""
