// Who is in front of the page: a token for looking, one for changing, and a name for the log.

import { $, put } from "./dom.js";
import { get, post, why } from "./server.js";

export class Access {
  #session = { role: "none", open: true, changes: false };
  #asking = null; // one dialog at a time

  constructor() {
    $("ask-cancel").addEventListener("click", () => $("ask").close());
    $("role").addEventListener("click", () => (this.engineer ? this.#forget() : this.asEngineer()));
  }

  get engineer() {
    return this.#session.role === "engineer";
  }

  /** Until the page may look: asks for the token where one is needed. */
  async enter() {
    for (;;) {
      try {
        this.#took(await get("session"));
        break;
      } catch {
        await new Promise((done) => setTimeout(done, 1000)); // the server is away
      }
    }
    while (this.#session.role === "none") await this.#askToken("This viewer asks who looks", "The station's token for looking.");
  }

  /** Whether an engineer stands in front of the page; asks for the token where need be. */
  async asEngineer() {
    if (this.engineer) return true;
    if (!this.#session.changes) return false;
    await this.#askToken("Changes are an engineer's", "The token that viewer.engineer_token names.");
    return this.engineer;
  }

  /** The server refused what the role should have allowed: the token has changed, or its time is over. */
  async refresh() {
    this.#took(await get("session"));
  }

  get changes() {
    return this.#session.changes;
  }

  /** The name given last; empty where none was. */
  get name() {
    try {
      return localStorage.getItem("name") ?? "";
    } catch {
      return this.lastName ?? "";
    }
  }

  set name(name) {
    this.lastName = name;
    try {
      localStorage.setItem("name", name);
    } catch {
      // storage may be forbidden: the name then lasts as long as the page
    }
  }

  /** Somebody's name: the one given last, or asked for. Null where they would not say. */
  async someone(title) {
    if (this.name) return this.name;
    let given = null;
    await this.#ask({ title, text: "It goes into the log.", label: "Your name", kind: "text", async take(value) {
      if (!value.trim()) return "A name is needed";
      given = value.trim().slice(0, 64);
      return "";
    } });
    if (given) this.name = given;
    return given;
  }

  #askToken(title, text) {
    return this.#ask({ title, text, label: "Token", kind: "password", take: async (token) => {
      try {
        this.#took(await post("session", { token }));
        return "";
      } catch (error) {
        return why(error);
      }
    } });
  }

  /** Show the dialog until `take(value)` returns no complaint, or it is closed. */
  #ask({ title, text, label, kind, take }) {
    if (this.#asking) return this.#asking;
    put($("ask-title"), title);
    put($("ask-text"), text);
    put($("ask-label"), label);
    put($("ask-told"), "");
    const input = $("ask-input");
    input.type = kind;
    input.value = "";
    this.#asking = new Promise((done) => {
      $("ask-form").onsubmit = async (event) => {
        event.preventDefault();
        const complaint = await take(input.value);
        put($("ask-told"), complaint);
        if (complaint) input.select();
        else $("ask").close();
      };
      $("ask").onclose = () => {
        input.value = "";
        this.#asking = null;
        done();
      };
    });
    $("ask").showModal();
    input.focus();
    return this.#asking;
  }

  async #forget() {
    await fetch("session", { method: "DELETE" });
    this.#took(await get("session"));
    if (this.#session.role === "none") location.reload();
  }

  #took(session) {
    this.#session = session;
    $("role").hidden = !session.changes;
    const role = this.engineer ? "Engineer" : "Look only";
    put($("role").querySelector("span"), role);
    $("role").dataset.role = session.role;
    $("role").title = this.engineer ? "Press to give the engineer's role back" : "Press to become an engineer, with the token";
    $("role").setAttribute("aria-label", `Role: ${role}`);
  }
}
