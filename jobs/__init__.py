"""Background processes: thin wrappers that take a job and call the backend."""
