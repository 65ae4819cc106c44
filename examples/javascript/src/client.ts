// A small client: typed by the contract, patient with the API.
import createClient, { type Middleware } from "openapi-fetch";
import type { paths } from "./api.js";

export type Sleep = (seconds: number) => Promise<void>;

export interface Options {
  baseUrl: string;
  key: string;
  /** Sent with every request; `X-Test-Id` leads into a test's own space of a shared mock server. */
  headers?: Record<string, string>;
  /** How to wait. A test turns the mock's clock instead. */
  sleep?: Sleep;
}

const ATTEMPTS = 4;

const asleep: Sleep = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** Whether the month's quota is used up: nothing will be answered before the next month. */
async function quotaIsUsedUp(response: Response): Promise<boolean> {
  const body: unknown = await response.clone().json().catch(() => undefined);
  return JSON.stringify(body)?.includes("MONTHLY_LIMIT_EXCEEDED") ?? false;
}

/** Sends a request until it is answered: waits as long as `Retry-After` says, and longer from failure to failure. */
function patiently(sleep: Sleep): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    for (let attempt = 1; ; attempt += 1) {
      const response = await fetch(request.clone()).catch((error: unknown) => {
        if (attempt === ATTEMPTS) throw error;
        return undefined;
      });
      const failed = response === undefined || response.status === 429 || response.status >= 500;
      if (response && (!failed || attempt === ATTEMPTS || (await quotaIsUsedUp(response)))) return response;
      const asked = Number(response?.headers.get("retry-after"));
      await response?.body?.cancel();
      await sleep(asked > 0 ? asked : 2 ** (attempt - 1));
    }
  };
}

export function analytics({ baseUrl, key, headers = {}, sleep = asleep }: Options) {
  const identify: Middleware = {
    onRequest({ request }) {
      request.headers.set("X-API-Key", key);
      for (const [name, value] of Object.entries(headers)) request.headers.set(name, value);
    },
  };
  const client = createClient<paths>({ baseUrl: `${baseUrl}/api/external/v1`, fetch: patiently(sleep) });
  client.use(identify);
  return client;
}

export type Analytics = ReturnType<typeof analytics>;

/** All visitors of a website, page by page. */
export async function* visitors(client: Analytics, websiteId: string, limit = 100) {
  for (let offset = 0; ; offset += limit) {
    const { data, error } = await client.GET("/analytics/{websiteId}/visitors", {
      params: { path: { websiteId }, query: { range: "7d", limit, offset } },
    });
    if (error) throw new Error(error.error.message);
    yield* data.data.visitors;
    if (!data.data.pagination.has_more) return;
  }
}
