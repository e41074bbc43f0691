"""Examination and matches → record, purely: rules detect, the policy judges by register and waivers."""
