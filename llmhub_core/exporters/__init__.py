"""Files that are made of decisions, for whoever reads them."""
