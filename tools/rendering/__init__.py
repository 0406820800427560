"""A small renderer of machined parts under an inspection camera: what tools.make_recording draws with."""
