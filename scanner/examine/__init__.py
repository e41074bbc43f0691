"""Asset → Examination, in sealed workers: every reader looks, finals are decoded, results are kept."""
