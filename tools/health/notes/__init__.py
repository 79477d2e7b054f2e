"""Reading a note: what a line or a pasted mail says happened, by rules and word lists. Pure, and linear in the text."""
