"""A network camera for the tests: GStreamer's RTSP server, which Debian's own Python runs, on loopback.

    /usr/bin/python3 rtsp_server.py PORT CODEC DROP WIDTH

Serves rtsp://127.0.0.1:PORT/camera, 30 frames a second of colour bars that move by 4 pixels from one to the next, 120
pixels high and WIDTH wide, a key frame each half second; CODEC still: h264 of a plain grey, decoded to the same bytes
each time. Of each DROP coded frames (0: none) one is not sent. Prints `ready` when it listens. Stopped (SIGSTOP) it
stalls, killed it is gone.
"""

import sys
from itertools import count

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

SIZE = "video/x-raw,format=I420,width={},height=120,framerate=30/1"
PICTURES = "videotestsrc is-live=true pattern=smpte horizontal-speed=4"
STILL = "videotestsrc is-live=true pattern=solid-color foreground-color=0xff808080"
CODECS = {
    "still": ("x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15", "rtph264pay name=pay0 pt=96"),
    "h264": ("x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15", "rtph264pay name=pay0 pt=96"),
    "jpeg": ("jpegenc", "rtpjpegpay name=pay0 pt=26"),
}


class Factory(GstRtspServer.RTSPMediaFactory):
    """Makes the pipeline that all clients share."""

    def __init__(self, codec: str, drop: int, width: str) -> None:
        super().__init__()
        coder, payload = CODECS[codec]
        shown = STILL if codec == "still" else PICTURES
        self._launch = f"( {shown} ! {SIZE.format(width)} ! {coder} ! identity name=gate ! {payload} )"
        self._drop = drop
        self.set_shared(True)

    def do_create_element(self, _url: object) -> object:
        pipeline = Gst.parse_launch(self._launch)
        numbers = count(1)

        def passes(_pad: object, _info: object) -> object:
            lost = self._drop and next(numbers) % self._drop == 0
            return Gst.PadProbeReturn.DROP if lost else Gst.PadProbeReturn.OK

        pipeline.get_by_name("gate").get_static_pad("src").add_probe(Gst.PadProbeType.BUFFER, passes)
        return pipeline


def main(port: str, codec: str, drop: str, width: str = "160") -> None:
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    factory = Factory(codec, int(drop), width)
    server.get_mount_points().add_factory("/camera", factory)
    server.attach(None)
    print("ready", flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main(*sys.argv[1:])
