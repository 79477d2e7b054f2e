"""Logs: lines of many formats are read into records, and records are folded into a summary of bounded size."""
