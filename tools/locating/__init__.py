"""Parts that lie anywhere, drawn or turned, to measure on what finding them is worth."""
