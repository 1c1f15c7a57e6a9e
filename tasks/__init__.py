"""What `fab` does: the one room that joins the others. One module a subject; `fabfile.py` only parses."""
