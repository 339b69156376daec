import type { Report } from "./report";
export const pageOf = (report: Report): string => JSON.stringify(report);
