"""Turns an examination and its matches into a record, purely: rules detect; the policy judges by register and
waivers."""
