"""The reader's door: a source or a correction, sent without an account (`forms`, `views`), and answered (`answers`)."""
