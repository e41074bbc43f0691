"""What an audit and a watch share: one order for the scans of many deliveries, and one folder that is theirs alone."""
