// The mock server in a test: started once, and told over fetch what to do, each test in a space of its own.
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";

export class Server {
  private constructor(
    readonly url: string,
    private readonly process: ChildProcess,
  ) {}

  /** `MOCKSERVER` names the command; a server on a free port says where it listens in one line of JSON. */
  static async start(): Promise<Server> {
    const [command = "mockserver", ...options] = (process.env["MOCKSERVER"] ?? "mockserver").split(" ");
    const child = spawn(command, [...options, "serve", "--port", "0", "--quiet"], { stdio: ["ignore", "pipe", "ignore"] });
    const failed = new Promise<never>((_, reject) => child.once("error", reject));
    const ended = new Promise<never>((_, reject) => child.once("exit", (code) => reject(new Error(`exit ${code}`))));
    ended.catch(() => undefined);
    const listening = (async () => {
      for await (const line of createInterface({ input: child.stdout! })) return JSON.parse(line).url as string;
      return ended;
    })();
    return new Server(await Promise.race([listening, failed]), child);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill("SIGTERM");
    await ended;
  }

  /** A space of its own for one test: counters, clock, faults, journal. */
  space(test: string): Space {
    return new Space(this.url, `${test}#${Math.random().toString(36).slice(2)}`);
  }
}

interface Ruling {
  clause: string;
  verdict: "pass" | "fail" | "not seen";
  evidence: { says: string }[];
}

export class Space {
  readonly headers: Record<string, string>;

  constructor(
    readonly url: string,
    test: string,
  ) {
    this.headers = { "X-Test-Id": test };
  }

  setLimits(key: string, left: { remaining?: number; monthly_remaining?: number }) {
    return this.call("PUT", `/limits/${key}`, left);
  }

  advance(seconds: number) {
    return this.call("POST", "/clock", { action: "advance", seconds });
  }

  addFault(rule: { fault: string; operation?: string; times?: number }) {
    return this.call("POST", "/faults", rule);
  }

  async requests(criteria: Record<string, string> = {}): Promise<{ line: string }[]> {
    const found = await this.call("GET", `/requests?${new URLSearchParams(criteria)}`);
    return (found as { requests: { line: string }[] }).requests;
  }

  /** What the client's traffic proves about it, by clause. */
  async verdicts(): Promise<Record<string, string>> {
    const report = (await this.call("GET", "/client-report")) as { clients: { clauses: Ruling[] }[] };
    const rulings = report.clients.flatMap((client) => client.clauses);
    return Object.fromEntries(
      rulings.map(({ clause, verdict, evidence }) => [
        clause,
        verdict === "fail" ? `fail: ${evidence.map((shown) => shown.says).join("; ")}` : verdict,
      ]),
    );
  }

  private async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.url}/__mock${path}`, {
      method,
      headers: { ...this.headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} /__mock${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }
}
