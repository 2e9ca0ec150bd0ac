"""Clasio's backend: tenancy, documents, search and everything the page, the API and the jobs share."""

VERSION = "0.1.0"
