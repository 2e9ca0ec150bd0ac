"""What verdicts need beside the documents' own repository: what is to be scanned again, what has to go."""
