"""What lies on disk: index directories, files of generated queries, and the journals of unfinished runs."""
