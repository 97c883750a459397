"""Calls that survive a provider's bad day.

``failover`` decides, ``attempts`` acts, ``stream`` watches an answer that is still
coming; the others know one thing each: ``classify`` what an exception means, ``answer``
what a usable answer looks like, ``backoff`` how long to wait, ``breaker`` who is left
alone, ``policy`` every number.
"""
