"""What `inspector` can be told: thin, since the doing is in the rooms, which are imported when they are asked for."""
