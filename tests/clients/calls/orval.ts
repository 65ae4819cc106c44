/** Every operation once, through the functions that orval makes for fetch. */

import * as platformApi from "../generated/orval/analytics_platform_v2";
import * as olderApi from "../generated/orval/zenovay_2025_01";
import * as newestApi from "../generated/orval/zenovay_2026_02";
import { codes, equal, first, flag, keys, number, servers, site, text, unknownWebsite, visit, websites } from "./check";

/** The functions ask for a path: server and key are the application's to add. */
function asking(server: string, key: Record<string, string>): void {
  const plain = globalThis.fetch;
  globalThis.fetch = (path, options) =>
    plain(`${server}${String(path)}`, { ...options, headers: { ...(options?.headers as Record<string, string>), ...key } });
}

function answered<T extends { status: number; data: unknown }>(answer: T): Extract<T, { status: 200 }>["data"] {
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.data));
  return answer.data;
}

async function newest(): Promise<void> {
  const [website, code] = [websites.newest, codes.newest];
  const overview: newestApi.OverviewResponse = answered(await newestApi.getAnalyticsOverview(website, { range: "30d" }));
  number(overview.data.summary.total_visitors);
  flag(overview.success);
  const visitors = answered(await newestApi.listVisitors(website, { limit: 2 }));
  const visitor: newestApi.Visitor = first(visitors.data.visitors);
  text(visitor.country_code);
  const page: newestApi.Page = first(answered(await newestApi.listPages(website)).data.pages);
  text(page.path);
  number(first(answered(await newestApi.listCountries(website)).data.countries).avg_value_score);
  const device: newestApi.DeviceShareName = first(answered(await newestApi.getTechnology(website)).data.device_types).name;
  text(device);
  number(answered(await newestApi.listWebsites()).data.total);
  const one: newestApi.WebsiteDetail = answered(await newestApi.getWebsite(website)).data.website;
  text(one.user_id);
  number(first(answered(await newestApi.listHeatmapPages(website, { limit: 10 })).data.pages).total_interactions);
  number(first(answered(await newestApi.listReplaySessions(website)).data.sessions).duration_seconds);
  const groups = answered(await newestApi.listErrorGroups(website, { status: "unresolved" }));
  equal(first(groups.data.error_groups).status, "unresolved");
  number(answered(await newestApi.getUsage()).data.usage.monthly_remaining);
  flag(answered(await newestApi.trackEvent(code, visit)).data.tracked);
  number(answered(await newestApi.getLiveVisitors(code)).data.visitors);
  const beat = { tracking_code: code, session_id: visit.session_id };
  flag(answered(await newestApi.sendHeartbeat(beat)).data.active);

  const unknown = await newestApi.getWebsite(unknownWebsite);
  if (unknown.status !== 404) throw new Error(`${unknown.status} is not 404`);
  const error: newestApi.NotFoundError = unknown.data.error;
  equal(error.code, newestApi.NotFoundErrorCode.NOT_FOUND);
}

async function older(): Promise<void> {
  const [website, code] = [websites.older, codes.older];
  const overview: olderApi.OverviewResponse = answered(await olderApi.getAnalyticsOverview(website, { timeRange: "7d" }));
  number(first(overview.dailyStats).pageViews);
  number(answered(await olderApi.listVisitors(website, { page: 1 })).pagination.total_pages);
  text(first(answered(await olderApi.listPages(website)).pages).path);
  number(first(answered(await olderApi.listCountries(website)).countries).percentage);
  text(first(answered(await olderApi.getTechnology(website)).operatingSystems).name);
  text(first(answered(await olderApi.listWebsites()).websites).tracking_code);
  flag(answered(await olderApi.getWebsite(website)).website.is_active);
  text(first(answered(await olderApi.listHeatmapPages(website)).pages).url);
  number(first(answered(await olderApi.listReplaySessions(website)).sessions).event_count);
  number(first(answered(await olderApi.listErrorGroups(website)).error_groups).occurrence_count);
  number(answered(await olderApi.getUsage()).usage.monthly_limit);
  flag(answered(await olderApi.trackEvent(code, { type: "pageview", url: "/pricing" })).success);
  number(answered(await olderApi.getLiveVisitors(code)).visitors);
  flag(answered(await olderApi.sendHeartbeat({ tracking_code: code })).success);

  const unknown = await olderApi.getWebsite(unknownWebsite);
  if (unknown.status !== 404) throw new Error(`${unknown.status} is not 404`);
  equal(unknown.data.error.code, olderApi.NotFoundErrorCode.not_found);
}

async function platform(): Promise<void> {
  text(first(answered(await platformApi.listSites()).sites).domain);
  const page: platformApi.TopPage = first(answered(await platformApi.getSiteStats(site, { range: "30d" })).topPages);
  number(page.views);
  number(answered(await platformApi.getSiteRealtime(site)).activeVisitors);
  text(first(answered(await platformApi.listSiteEvents(site)).events).name);
  number(first(answered(await platformApi.getSitePageviews(site)).chart).count);

  const unknown = await platformApi.getSiteStats("unknown");
  if (unknown.status !== 403) throw new Error(`${unknown.status} is not 403`);
  text(unknown.data.error);
}

async function main(): Promise<void> {
  const plain = globalThis.fetch;
  asking(servers.newest, { "X-API-Key": keys.zenovay });
  await newest();
  globalThis.fetch = plain;
  asking(servers.older, { "X-API-Key": keys.zenovay });
  await older();
  globalThis.fetch = plain;
  asking(servers.newest, { Authorization: `Bearer ${keys.platform}` });
  await platform();
}

void main();
