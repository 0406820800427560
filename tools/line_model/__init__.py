"""A line in virtual time: belt, parts, station, wire, bridge, PLC and ejector, with everything that can go wrong.

Only the bridge's ledger is the real one. Which bin a part falls into is decided by the model of the ejector.
"""
