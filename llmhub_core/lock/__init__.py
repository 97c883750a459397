"""The lock: what was chosen, pinned, checked, compared and emitted.

spec + choices --freeze--> llmhub.lock --emit--> llmhub.yaml
"""
