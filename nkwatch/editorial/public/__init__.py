"""What readers and programs are shown of any record: pages, filters, files, versions and citations."""
