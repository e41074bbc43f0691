"""Many deliveries audited with one set of libraries, registers and policies: a run for each, and a roll-up."""
