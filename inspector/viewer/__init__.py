"""What stands beside the line: a web page over the wire, of which the line knows nothing."""
