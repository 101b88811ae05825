"""Real files' quirks, made by code: pages with quirks, and the kinds of file that hold them."""
