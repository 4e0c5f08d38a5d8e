"""Lists the model files: what S3 holds, what each file's header says, what is kept of it."""
