import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { analytics, visitors } from "./client.js";
import { Server, type Space } from "./mock.js";

const KEY = "zv_demo_pro";
const SITE = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";
let server: Server;

before(async () => {
  server = await Server.start();
});
after(() => server.stop());

/** A client whose sleep is the mock's clock: nothing waits, and everything has waited. */
function clientOf(space: Space) {
  const sleep = async (seconds: number) => {
    await space.advance(seconds);
  };
  return analytics({ baseUrl: space.url, key: KEY, headers: space.headers, sleep });
}

test("survives a 429 storm, a connection reset and a month-end", async () => {
  const space = server.space("storm");
  const client = clientOf(space);

  await space.setLimits(KEY, { remaining: 0 });
  assert.equal((await client.GET("/websites")).response.status, 200);

  await space.addFault({ fault: "CONNECTION_RESET_BY_PEER", times: 2 });
  assert.equal((await client.GET("/usage")).response.status, 200);

  await space.setLimits(KEY, { monthly_remaining: 0 });
  const refused = await client.GET("/websites/{websiteId}", { params: { path: { websiteId: SITE } } });
  assert.equal(refused.response.status, 429);

  const verdicts = await space.verdicts();
  for (const clause of ["honours-retry-after", "backs-off", "caps-retries", "stops-at-quota", "keys-only-in-headers"])
    assert.equal(verdicts[clause], "pass", clause);
});

test("reads every visitor, page by page", async () => {
  const space = server.space("pages");
  const seen = new Set<string>();
  for await (const visitor of visitors(clientOf(space), SITE, 1000)) {
    seen.add(visitor.id);
    if (seen.size === 2500) break;
  }
  assert.equal(seen.size, 2500);
  assert.equal((await space.requests({ operation: "listVisitors" })).length, 3);
  assert.equal((await space.verdicts())["honours-pagination"], "pass");
});

test("tests that share the server do not meet", async () => {
  const [one, other] = [server.space("one"), server.space("other")];
  await one.setLimits(KEY, { monthly_remaining: 0 });
  assert.equal((await clientOf(one).GET("/websites")).response.status, 429);
  assert.equal((await clientOf(other).GET("/websites")).response.status, 200);
  assert.deepEqual((await other.requests()).map((request) => request.line), ["GET /api/external/v1/websites → 200"]);
});
