"""Installed model packages: install, look after and pack them; knows no Qt."""
