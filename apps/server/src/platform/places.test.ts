import { describe, expect, it } from "vitest";
import { createLogger } from "./logger";
import { Places } from "./places";

const log = createLogger("silent", false);
const places = new Places(undefined, log);

describe("the country of a network", () => {
  it.each([
    ["193.99.144.80", "DE"],
    ["8.8.8.8", "US"],
    ["2a02:8108:0:0::/64", "DE"],
  ])("%s is %s", async (network, country) => {
    expect(await places.countryOf(network)).toBe(country);
  });

  it.each([
    "127.0.0.1",
    "0:0:0:0::/64",
    "10.1.2.3",
    "192.168.0.1",
    "203.0.113.7",
    "2001:db8:0:0::/64",
    "",
    "x",
    "1.2.3",
  ])("%j is not known", async (network) => {
    expect(await places.countryOf(network)).toBeNull();
  });

  it("is not known, and nothing fails, when the file is none", async () => {
    expect(await new Places(import.meta.filename, log).countryOf("8.8.8.8")).toBeNull();
    expect(await new Places("/nowhere", log).countryOf("8.8.8.8")).toBeNull();
  });

  it("takes microseconds once the file is read", async () => {
    const start = process.cpuUsage();
    for (let n = 0; n < 2_000; n++) await places.countryOf(`${1 + (n % 200)}.${n % 250}.3.4`);
    expect(process.cpuUsage(start).user / 2_000).toBeLessThan(1_000);
  });
});
