import { initGraphQLTada } from "gql.tada";
import type { introspection } from "./introspection.js";

export const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: { Rupiah: number; Date: string; DateTime: string; RegionCode: string; GeoJSON: unknown; JSON: Record<string, unknown> };
}>();
