/** Every operation once, through openapi-fetch with the types of openapi-typescript. */

import createClient from "openapi-fetch";

import type { paths as Platform } from "../generated/openapi-fetch/analytics_platform_v2";
import type { paths as Older } from "../generated/openapi-fetch/zenovay_2025_01";
import type { paths as Newest } from "../generated/openapi-fetch/zenovay_2026_02";
import { codes, equal, first, flag, keys, number, servers, site, text, unknownWebsite, visit, websites } from "./check";

function answered<T>(answer: { data?: T; error?: unknown }): T {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

async function newest(): Promise<void> {
  const api = createClient<Newest>({ baseUrl: servers.newest, headers: { "X-API-Key": keys.zenovay } });
  const website = { websiteId: websites.newest };
  const tracked = { trackingCode: codes.newest };

  const overview = answered(
    await api.GET("/api/external/v1/analytics/{websiteId}", { params: { path: website, query: { range: "30d" } } }),
  );
  number(overview.data.summary.total_visitors);
  number(first(overview.data.daily_stats).page_views);
  flag(overview.success);
  const visitors = answered(
    await api.GET("/api/external/v1/analytics/{websiteId}/visitors", { params: { path: website, query: { limit: 2 } } }),
  );
  text(first(visitors.data.visitors).country_code);
  flag(visitors.data.pagination.has_more);
  const pages = answered(await api.GET("/api/external/v1/analytics/{websiteId}/pages", { params: { path: website } }));
  text(first(pages.data.pages).path);
  const countries = answered(
    await api.GET("/api/external/v1/analytics/{websiteId}/countries", { params: { path: website } }),
  );
  number(first(countries.data.countries).avg_value_score);
  const technology = answered(
    await api.GET("/api/external/v1/analytics/{websiteId}/technology", { params: { path: website } }),
  );
  const device: "desktop" | "mobile" | "tablet" = first(technology.data.device_types).name;
  text(device);
  const list = answered(await api.GET("/api/external/v1/websites"));
  number(list.data.total);
  const one = answered(await api.GET("/api/external/v1/websites/{websiteId}", { params: { path: website } }));
  text(one.data.website.user_id);
  const heatmaps = answered(
    await api.GET("/api/external/v1/heatmaps/{websiteId}/pages", { params: { path: website, query: { limit: 10 } } }),
  );
  number(first(heatmaps.data.pages).total_interactions);
  const sessions = answered(
    await api.GET("/api/external/v1/replays/{websiteId}/sessions", { params: { path: website } }),
  );
  number(first(sessions.data.sessions).duration_seconds);
  const groups = answered(
    await api.GET("/api/external/v1/errors/{websiteId}/groups", {
      params: { path: website, query: { status: "unresolved" } },
    }),
  );
  equal(first(groups.data.error_groups).status, "unresolved");
  const usage = answered(await api.GET("/api/external/v1/usage"));
  number(usage.data.usage.monthly_remaining);
  flag(answered(await api.POST("/e/{trackingCode}", { params: { path: tracked }, body: visit })).data.tracked);
  number(answered(await api.GET("/live/{trackingCode}", { params: { path: tracked } })).data.visitors);
  const beat = { tracking_code: codes.newest, session_id: visit.session_id };
  flag(answered(await api.POST("/heartbeat", { body: beat })).data.active);

  const { error } = await api.GET("/api/external/v1/websites/{websiteId}", {
    params: { path: { websiteId: unknownWebsite } },
  });
  equal(error?.error.code, "NOT_FOUND");
}

async function older(): Promise<void> {
  const api = createClient<Older>({ baseUrl: servers.older, headers: { "X-API-Key": keys.zenovay } });
  const website = { websiteId: websites.older };
  const tracked = { trackingCode: codes.older };

  const overview = answered(
    await api.GET("/api/external/v1/analytics/{websiteId}", { params: { path: website, query: { timeRange: "7d" } } }),
  );
  number(overview.bounceRate);
  number(first(overview.dailyStats).pageViews);
  const visitors = answered(
    await api.GET("/api/external/v1/analytics/{websiteId}/visitors", { params: { path: website, query: { page: 1 } } }),
  );
  number(visitors.pagination.total_pages);
  const pages = answered(await api.GET("/api/external/v1/analytics/{websiteId}/pages", { params: { path: website } }));
  text(first(pages.pages).path);
  const countries = answered(
    await api.GET("/api/external/v1/analytics/{websiteId}/countries", { params: { path: website } }),
  );
  number(first(countries.countries).percentage);
  const technology = answered(
    await api.GET("/api/external/v1/analytics/{websiteId}/technology", { params: { path: website } }),
  );
  text(first(technology.operatingSystems).name);
  text(first(answered(await api.GET("/api/external/v1/websites")).websites).tracking_code);
  const one = answered(await api.GET("/api/external/v1/websites/{websiteId}", { params: { path: website } }));
  flag(one.website.is_active);
  const heatmaps = answered(
    await api.GET("/api/external/v1/heatmaps/{websiteId}/pages", { params: { path: website } }),
  );
  text(first(heatmaps.pages).url);
  const sessions = answered(
    await api.GET("/api/external/v1/replays/{websiteId}/sessions", { params: { path: website } }),
  );
  number(first(sessions.sessions).event_count);
  const groups = answered(await api.GET("/api/external/v1/errors/{websiteId}/groups", { params: { path: website } }));
  number(first(groups.error_groups).occurrence_count);
  number(answered(await api.GET("/api/external/v1/usage")).usage.monthly_limit);
  const view = { type: "pageview", url: "/pricing" } as const;
  flag(answered(await api.POST("/e/{trackingCode}", { params: { path: tracked }, body: view })).success);
  number(answered(await api.GET("/live/{trackingCode}", { params: { path: tracked } })).visitors);
  flag(answered(await api.POST("/heartbeat", { body: { tracking_code: codes.older } })).success);

  const { error } = await api.GET("/api/external/v1/websites/{websiteId}", {
    params: { path: { websiteId: unknownWebsite } },
  });
  equal(error?.error.code, "not_found");
}

async function platform(): Promise<void> {
  const api = createClient<Platform>({
    baseUrl: servers.newest,
    headers: { Authorization: `Bearer ${keys.platform}` },
  });
  const path = { siteId: site };

  text(first(answered(await api.GET("/api/v2/sites")).sites).domain);
  const stats = answered(await api.GET("/api/v2/sites/{siteId}/stats", { params: { path, query: { range: "30d" } } }));
  number(first(stats.topPages).views);
  number(answered(await api.GET("/api/v2/sites/{siteId}/realtime", { params: { path } })).activeVisitors);
  text(first(answered(await api.GET("/api/v2/sites/{siteId}/events", { params: { path } })).events).name);
  number(first(answered(await api.GET("/api/v2/sites/{siteId}/pageviews", { params: { path } })).chart).count);

  const { error } = await api.GET("/api/v2/sites/{siteId}/stats", { params: { path: { siteId: "unknown" } } });
  text(error?.error ?? "");
}

void Promise.all([newest(), older(), platform()]);
