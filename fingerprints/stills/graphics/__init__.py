"""What is written or drawn over a still, so that it is not taken for an alteration: letters, plates, marks, dust."""
