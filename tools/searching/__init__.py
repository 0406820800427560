"""Ways to find the nearest of many bank vectors, to measure against one matrix product."""
