"""LLM Hub: choose, pin and explain which model serves each role of an app."""
