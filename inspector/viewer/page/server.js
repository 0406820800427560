// What the page asks of its server: answers as values, refusals as errors that say why.

export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/** GET JSON. Throws Refused, or TypeError where nobody answers. */
export async function get(path, query = {}) {
  const answer = await fetch(`${path}?${new URLSearchParams(query)}`);
  if (!answer.ok) throw new Refused(answer.status, await detailOf(answer));
  return answer.json();
}

/** POST JSON; returns JSON. Throws like get(). */
export async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Refused(answer.status, await detailOf(answer));
  return answer.json();
}

/** Bytes, or null where there are none. */
export async function bytes(path, query) {
  const answer = await fetch(`${path}?${new URLSearchParams(query)}`);
  return answer.ok ? answer.arrayBuffer() : null;
}

export const partQuery = ({ run, seq }) => ({ run, seq: String(seq) });

/** A part's name among those of all runs. */
export const keyOf = ({ run, seq }) => JSON.stringify([run, seq]);

/** What went wrong, for people. */
export const why = (error) => (error instanceof Refused ? error.message : "The viewer does not answer; try again");

async function detailOf(answer) {
  try {
    return (await answer.json()).detail ?? answer.statusText;
  } catch {
    return answer.statusText;
  }
}

/** Call `ask` now and then again and again, `ms` after its end, while `wanted()`. Failures are the link's to tell. */
export function poll(ask, ms, wanted) {
  let running = false;
  return async function start() {
    if (running) return;
    running = true;
    while (wanted()) {
      try {
        await ask();
      } catch (error) {
        if (!(error instanceof TypeError)) console.warn(error.message);
      }
      await new Promise((done) => setTimeout(done, ms));
    }
    running = false;
  };
}
