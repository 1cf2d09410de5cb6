"""Search: what is kept for it (`content`, `index`), how a query is read (`query`), and its page (`views`)."""
