"""From three sources to one catalog."""
