/** Every operation once, through the classes that openapi-generator makes for axios. */

import { isAxiosError } from "axios";

import * as platformApi from "../generated/typescript-axios/analytics_platform_v2";
import * as olderApi from "../generated/typescript-axios/zenovay_2025_01";
import * as newestApi from "../generated/typescript-axios/zenovay_2026_02";
import { codes, equal, first, flag, keys, number, servers, site, text, unknownWebsite, visit, websites } from "./check";

/** The body of the error that a call ends with. */
async function refused<T>(call: Promise<unknown>): Promise<T> {
  try {
    await call;
  } catch (error) {
    if (isAxiosError<T>(error) && error.response !== undefined) return error.response.data;
    throw error;
  }
  throw new Error("it was not refused");
}

async function newest(): Promise<void> {
  const settings = new newestApi.Configuration({ basePath: servers.newest, apiKey: keys.zenovay });
  const [website, code] = [websites.newest, codes.newest];
  const analytics = new newestApi.AnalyticsApi(settings);
  const overview: newestApi.OverviewResponse = (await analytics.getAnalyticsOverview(website, "30d")).data;
  number(overview.data.summary.total_visitors);
  flag(overview.success);
  const visitor: newestApi.Visitor = first((await analytics.listVisitors(website, "7d", 2)).data.data.visitors);
  text(visitor.country_code);
  text(first((await analytics.listPages(website)).data.data.pages).path);
  number(first((await analytics.listCountries(website)).data.data.countries).avg_value_score);
  text(first((await analytics.getTechnology(website)).data.data.device_types).name);
  const account = new newestApi.WebsitesApi(settings);
  number((await account.listWebsites()).data.data.total);
  const one: newestApi.WebsiteDetail = (await account.getWebsite(website)).data.data.website;
  text(one.user_id);
  const heatmaps = new newestApi.HeatmapsApi(settings);
  number(first((await heatmaps.listHeatmapPages(website, 10)).data.data.pages).total_interactions);
  const replays = new newestApi.SessionReplaysApi(settings);
  number(first((await replays.listReplaySessions(website)).data.data.sessions).duration_seconds);
  const groups = await new newestApi.ErrorTrackingApi(settings).listErrorGroups(website, 5, "unresolved");
  equal(first(groups.data.data.error_groups).status, "unresolved");
  number((await new newestApi.UsageApi(settings).getUsage()).data.data.usage.monthly_remaining);
  const tracking = new newestApi.TrackingApi(settings);
  flag((await tracking.trackEvent(code, visit)).data.data.tracked);
  number((await tracking.getLiveVisitors(code)).data.data.visitors);
  const beat = { tracking_code: code, session_id: visit.session_id };
  flag((await tracking.sendHeartbeat(beat)).data.data.active);

  const error = await refused<newestApi.NotFoundErrorResponse>(account.getWebsite(unknownWebsite));
  equal(error.error.code, newestApi.NotFoundErrorCodeEnum.NotFound);
}

async function older(): Promise<void> {
  const settings = new olderApi.Configuration({ basePath: servers.older, apiKey: keys.zenovay });
  const [website, code] = [websites.older, codes.older];
  const analytics = new olderApi.AnalyticsApi(settings);
  const overview: olderApi.OverviewResponse = (await analytics.getAnalyticsOverview(website, "7d")).data;
  number(first(overview.dailyStats).pageViews);
  number((await analytics.listVisitors(website, "7d", 1)).data.pagination.total_pages);
  text(first((await analytics.listPages(website)).data.pages).path);
  number(first((await analytics.listCountries(website)).data.countries).percentage);
  text(first((await analytics.getTechnology(website)).data.operatingSystems).name);
  const account = new olderApi.WebsitesApi(settings);
  text(first((await account.listWebsites()).data.websites).tracking_code);
  flag((await account.getWebsite(website)).data.website.is_active);
  text(first((await new olderApi.HeatmapsApi(settings).listHeatmapPages(website)).data.pages).url);
  const replays = new olderApi.SessionReplaysApi(settings);
  number(first((await replays.listReplaySessions(website)).data.sessions).event_count);
  const groups = await new olderApi.ErrorTrackingApi(settings).listErrorGroups(website);
  number(first(groups.data.error_groups).occurrence_count);
  number((await new olderApi.UsageApi(settings).getUsage()).data.usage.monthly_limit);
  const tracking = new olderApi.TrackingApi(settings);
  flag((await tracking.trackEvent(code, { type: "pageview", url: "/pricing" })).data.success);
  number((await tracking.getLiveVisitors(code)).data.visitors);
  flag((await tracking.sendHeartbeat({ tracking_code: code })).data.success);

  const error = await refused<olderApi.NotFoundErrorResponse>(account.getWebsite(unknownWebsite));
  equal(error.error.code, olderApi.NotFoundErrorCodeEnum.NotFound);
}

async function platform(): Promise<void> {
  const settings = new platformApi.Configuration({ basePath: servers.newest, accessToken: keys.platform });
  text(first((await new platformApi.SitesApi(settings).listSites()).data.sites).domain);
  const statistics = new platformApi.StatisticsApi(settings);
  const stats: platformApi.StatsResponse = (await statistics.getSiteStats(site, "30d")).data;
  number(first(stats.topPages).views);
  number((await statistics.getSiteRealtime(site)).data.activeVisitors);
  text(first((await statistics.listSiteEvents(site)).data.events).name);
  number(first((await statistics.getSitePageviews(site)).data.chart).count);

  const error = await refused<platformApi.ErrorResponse>(statistics.getSiteStats("unknown"));
  text(error.error);
}

void Promise.all([newest(), older(), platform()]);
