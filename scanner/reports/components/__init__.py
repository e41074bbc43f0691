"""The parts of a report as plain data: causes, cards, findings, strips and their pictures.

Written once for every report that a person looks at. Nothing here knows HTML, PDF or any other medium, and every text
is short and inert. Pure.
"""
