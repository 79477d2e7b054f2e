"""Recognises and parses what was pasted or attached. It fetches and runs nothing, and trusts nothing."""
