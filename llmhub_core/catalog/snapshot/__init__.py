"""The catalog that answers where there is neither network nor cache."""
