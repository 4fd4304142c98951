"""Pages: a comparison or an experiment as HTML and Markdown, written down, and checked to come out again."""
