"""The built-in sources of the catalog, found by entry point like anybody's."""
