"""What plugin authors test with: fakes, and strategies for hypothesis.

Needs the extra ``llmhub-core[testing]``.
"""
