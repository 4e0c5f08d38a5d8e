"""What is to be uploaded, checked before anything is sent: files, folders, addresses."""
