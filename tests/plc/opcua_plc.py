"""An OPC UA server of open62541 (the o6 wheel) with the PLC's program, as a process: o6 ends after ten minutes.

    python -m tests.plc.opcua_plc PORT

A line «listening» when it is there; then one line of JSON, the bridge's fields, whenever a result is new.
"""

import json
import sys
import time

import o6

from inspector.plc.registers import BRIDGE_FIELDS, PLC_FIELDS, Kind
from tests.plc.plcs import SCAN_S, position
from tools.soft_plc import SoftPlc

TYPES = {Kind.U16: o6.UInt16, Kind.U32: o6.UInt32, Kind.F32: o6.Float}


def main(port: int) -> None:
    server = o6.Server(port=port)
    with server:
        nodes = {
            field.name: server.addVariable(
                field.name, server.objectsNode, TYPES[field.kind](0), nodeId=f"ns=1;s=inspector.{field.name}"
            )
            for field in (*BRIDGE_FIELDS, *PLC_FIELDS)
        }
        kinds = {field.name: TYPES[field.kind] for field in PLC_FIELDS}
        plc, acknowledged = SoftPlc(), 0
        print("listening", flush=True)
        while True:
            image = {field.name: nodes[field.name]() for field in BRIDGE_FIELDS}
            for name, value in plc.scan(image, position(), time.monotonic()).items():
                nodes[name](kinds[name](int(value)))
            if plc.acknowledged != acknowledged:
                acknowledged = plc.acknowledged
                print(json.dumps({name: float(value) for name, value in image.items()}), flush=True)
            time.sleep(SCAN_S)


if __name__ == "__main__":
    main(int(sys.argv[1]))
