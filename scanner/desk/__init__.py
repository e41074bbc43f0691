"""The desk: a local page for the whole job of a delivery, from the choice of a folder to the signed report.

A server for one person on this machine. Each page is a module of `pages`; what a job is stands in `job`.
"""
