/** What an answer has to be: each check takes the type that the generated client promises, and looks whether it came. */

export const servers = { newest: process.argv[2] ?? "", older: process.argv[3] ?? "" };
export const keys = { zenovay: "zv_demo_enterprise", platform: "ap_demo" };
export const websites = { newest: "a1b2c3d4-e5f6-7890-abcd-ef1234567890", older: "123e4567-e89b-12d3-a456-426614174000" };
export const unknownWebsite = "00000000-0000-4000-8000-000000000000";
export const codes = { newest: "ZV_abc123xyz", older: "abc123def456" };
export const site = "6507f1f77bcf86cd799439011";
export const visit = {
  type: "pageview" as const,
  session_id: "session-0001",
  url: "/pricing",
  device_type: "desktop",
  browser: "Chrome",
  os: "macOS",
  user_agent: "generated client",
};

export const number = (value: number): void => check("number", value);
export const text = (value: string): void => check("string", value);
export const flag = (value: boolean): void => check("boolean", value);

/** The first of a list that must not be empty. */
export function first<T>(list: readonly T[]): T {
  const [one] = list;
  if (one === undefined) throw new Error("the list is empty");
  return one;
}

export function equal<T>(value: T, expected: T): void {
  if (value !== expected) throw new Error(`${String(value)} is not ${String(expected)}`);
}

function check(kind: string, value: unknown): void {
  if (typeof value !== kind) throw new Error(`${JSON.stringify(value)} is no ${kind}`);
}
