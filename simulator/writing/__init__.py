"""Writing: numbers in words, tables in other programs' forms, and where a result comes from."""
