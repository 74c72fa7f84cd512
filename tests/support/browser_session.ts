import assert from "node:assert/strict";
import type { AdminUnderTest, Answer } from "./admin_under_test.ts";

/** What a browser does with the pages, without one: keeps cookies, posts forms, says what it takes. */
export class BrowserSession {
  readonly #admin: AdminUnderTest;
  readonly cookies = new Map<string, string>();
  readonly origin: string;
  /** Of the last page that had a form. */
  csrf = "";

  /** Where it is. */
  address = "203.0.113.1";

  constructor(admin: AdminUnderTest, origin = "http://localhost:8000") {
    this.#admin = admin;
    this.origin = origin;
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.#send("GET", path, undefined, headers);
  }

  /** Posts a form as the pages do, with the token of the session. */
  post(
    path: string,
    fields: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const body = new URLSearchParams({ ...(this.csrf !== "" && { _csrf: this.csrf }), ...fields });
    return this.#send("POST", path, body, headers);
  }

  /** Signs in; fails the test unless that works, and takes the token of the page that comes then. */
  async signIn(name: string, password: string): Promise<void> {
    const answer = await this.post("/admin/login", { name, password });
    assert.equal(answer.status, 303, answer.text);
    await this.get("/admin/password");
  }

  async #send(
    method: string,
    path: string,
    body: URLSearchParams | undefined,
    headers: Readonly<Record<string, string>>,
  ): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await this.#admin.keyturn.serve(
      new Request(this.origin + path, {
        method,
        headers: {
          accept: "text/html,application/xhtml+xml,*/*;q=0.8",
          "sec-fetch-site": "same-origin",
          ...(cookie !== "" && { cookie }),
          ...headers,
        },
        ...(body !== undefined && { body }),
      }),
      { remoteAddr: { transport: "tcp", hostname: this.address, port: 40_000 } },
    );
    for (const text of response.headers.getSetCookie()) this.#keep(text);
    const text = await response.text();
    const token = /name="_csrf" value="([^"]+)"/.exec(text)?.[1];
    if (token !== undefined) this.csrf = token;
    return { status: response.status, headers: response.headers, text, json: undefined };
  }

  #keep(text: string): void {
    const [pair = ""] = text.split(";");
    const at = pair.indexOf("=");
    const name = pair.slice(0, at);
    if (/max-age=0/i.test(text)) this.cookies.delete(name);
    else this.cookies.set(name, pair.slice(at + 1));
  }
}
