"""From a role to a ranked, explained choice: interpret, shortlist, rank, assemble."""
