"""The report as a page: each module makes one section of it from the report's data."""
