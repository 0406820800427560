"""Benchmarks, and what they share: pictures on a schedule, trials of a whole station, programs that disturb."""
