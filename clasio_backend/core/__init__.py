"""What every domain stands on: settings, errors, time, ids, the database and its tenancy."""
