"""The selectors that come with LLM Hub, found by entry point like anybody's."""
