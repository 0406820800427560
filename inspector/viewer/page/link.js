// The connection to the viewer's server: comes back by itself, and acknowledges each message once it has been taken.

const DEAD_MS = 5000; // the server says something every second
const WAITS_MS = [250, 500, 1000, 2000];

/**
 * Connect for as long as the page lives. `onUpdate(update)` gets JSON; `onPacket(buffer)` overlay packets, and its
 * promise is waited for before the server may send more: so a slow page gets newer pictures, not older ones.
 */
export function link(path, { onUpdate, onPacket, onLost }) {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  let failures = 0;
  connect();

  function connect() {
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    let watchdog = setTimeout(lost, DEAD_MS);
    let over = false;

    socket.onmessage = async ({ data }) => {
      clearTimeout(watchdog);
      watchdog = setTimeout(lost, DEAD_MS);
      failures = 0;
      try {
        if (typeof data === "string") onUpdate(JSON.parse(data));
        else await onPacket(data);
      } catch (error) {
        console.warn(error); // one unreadable message must not stop those after it
      }
      if (socket.readyState === WebSocket.OPEN) socket.send("");
    };
    socket.onclose = lost;

    function lost() {
      if (over) return;
      over = true;
      clearTimeout(watchdog);
      socket.onmessage = null;
      socket.close();
      onLost();
      setTimeout(connect, WAITS_MS[Math.min(failures++, WAITS_MS.length - 1)]);
    }
  }
}
