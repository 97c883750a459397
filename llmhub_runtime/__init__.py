"""Call the model behind a role."""
